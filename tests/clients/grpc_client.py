"""gRPC through the proxy of `https_proxy`. Arguments: certificate of the authority, number. Prints what it got."""

import sys
import threading

import grpc

AUTHORITY, CPR = sys.argv[1:3]
PATIENCE = 30

with open(AUTHORITY, "rb") as roots:
    credentials = grpc.ssl_channel_credentials(roots.read())

with grpc.secure_channel("grpc.test:443", credentials) as channel:
    unary = channel.unary_unary("/clients.Echo/Unary")
    answer, call = unary.with_call(b"cpr=" + CPR.encode(), metadata=(("x-cpr", CPR),), timeout=PATIENCE)
    print(answer.decode(), dict(call.trailing_metadata())["x-sum"])

    # Each message is sent when the answer to the one before is there: nothing may be held back.
    stream = channel.stream_stream("/clients.Echo/BothWays")
    answered = []

    def messages():
        for number in range(3):
            while len(answered) < number:
                yielded.wait()
                yielded.clear()
            yield f"message {number} {CPR}".encode()

    yielded = threading.Event()
    call = stream(messages(), timeout=PATIENCE)
    for answer in call:
        answered.append(answer)
        yielded.set()
        print(answer.decode())
    print("count", dict(call.trailing_metadata())["x-count"])

    try:
        channel.unary_unary("/clients.Echo/Refused")(b"x", timeout=PATIENCE)
    except grpc.RpcError as error:
        print(error.code().name, error.details())
