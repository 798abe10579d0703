"""The body of a request, read before its handler does: for what it must bring along."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive, Scope

FIELD, HEADER = "csrf", "x-csrf-token"
MAXIMUM_FIELDS = 10_000  # the shield bounds the body


async def with_token(scope: Scope, receive: Receive) -> tuple[str, Receive]:
    """What the form says in its field `csrf`, or a script in the header X-CSRF-Token; and the body again, for the handler."""
    body = await _whole(receive)
    given = Headers(scope=scope).get(HEADER) or await _field(scope, body, receive)
    return given, _again(body, receive)


async def _whole(receive: Receive) -> bytes:
    parts = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    told = False

    async def next_part() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return next_part


async def _field(scope: Scope, body: bytes, receive: Receive) -> str:
    size = max(len(body), 1)
    try:
        async with Request(scope, _again(body, receive)).form(max_fields=MAXIMUM_FIELDS, max_part_size=size) as form:
            given = form.get(FIELD, "")
    except (ValueError, LookupError) as error:  # a charset that does not exist, a boundary that never comes
        raise HTTPException(400) from error
    return given if isinstance(given, str) else ""
