"""The least a server can do, as an ASGI application: answer so many bytes, echo what a socket says."""

from typing import Any
from urllib.parse import parse_qs


async def application(scope: Any, receive: Any, send: Any) -> None:
    await {"http": reply, "websocket": echo}[scope["type"]](scope, receive, send)


async def reply(scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body"):
        pass
    wanted = parse_qs(scope["query_string"].decode()).get("bytes", ["2"])
    body = b"x" * int(wanted[0])
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def echo(_: Any, receive: Any, send: Any) -> None:
    while (told := await receive())["type"] != "websocket.disconnect":
        if told["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
        else:
            await send({"type": "websocket.send", "text": told["text"]})
