"""A gRPC server over TLS. Arguments: certificate, key. Prints its port. Ends with its standard input."""

import sys
from concurrent import futures

import grpc


def unary(message, context):
    metadata = dict(context.invocation_metadata())
    context.set_trailing_metadata((("x-sum", str(len(message))),))
    return b"unary:" + metadata.get("x-cpr", "").encode() + b":" + message


def both_ways(messages, context):
    count = 0
    for message in messages:
        count += 1
        yield b"echo:" + message
    context.set_trailing_metadata((("x-count", str(count)),))


def refused(_message, context):
    context.abort(grpc.StatusCode.PERMISSION_DENIED, "not for you")


HANDLERS = {
    "Unary": grpc.unary_unary_rpc_method_handler(unary),
    "BothWays": grpc.stream_stream_rpc_method_handler(both_ways),
    "Refused": grpc.unary_unary_rpc_method_handler(refused),
}

server = grpc.server(futures.ThreadPoolExecutor(4))
server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("clients.Echo", HANDLERS),))
with open(sys.argv[1], "rb") as certificate, open(sys.argv[2], "rb") as key:
    credentials = grpc.ssl_server_credentials([(key.read(), certificate.read())])
port = server.add_secure_port("127.0.0.1:0", credentials)
server.start()
print(port, flush=True)
sys.stdin.read()
server.stop(0)
