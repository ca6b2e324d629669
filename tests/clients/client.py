"""requests and websockets through the proxy. Arguments: proxy, number. Prints a line of JSON for each."""

import asyncio
import json
import sys

import requests
import websockets

PROXY, CPR = sys.argv[1:3]


def asked():
    answer = requests.post(
        "https://site.test/echo",
        params={"cpr": CPR},
        headers={"x-cpr": CPR},
        data="body=" + CPR,
        proxies={"https": PROXY},
        timeout=30,
    )
    print(answer.text.strip())


async def spoken():
    # Compression is on unless switched off; the certificates are those of SSL_CERT_FILE.
    async with websockets.connect("wss://site.test/socket", proxy=PROXY) as socket:
        await socket.send("websockets says " + CPR)
        print(json.dumps({"socket": await socket.recv()}))
        await socket.send(b"\x00\x01binary")
        print(json.dumps({"binary": (await socket.recv()).hex()}))


asked()
asyncio.run(spoken())
