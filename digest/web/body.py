"""How much a request may bring, and for how long it may go on bringing it."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

MAXIMUM_BYTES = 65_536
SECONDS = 10  # for the whole of a body: a form of ours is some hundred bytes


def bounded(receive: Receive) -> Receive:
    """`receive`, until too much has come (413) or it took too long, however it drips (408). A length that is only announced is not believed."""
    until = asyncio.get_running_loop().time() + SECONDS
    left = MAXIMUM_BYTES
    over = False

    async def next_part() -> Message:
        nonlocal left, over
        if over:  # what comes now is the news that the client is gone
            return await receive()
        try:
            async with asyncio.timeout_at(until):
                message = await receive()
        except TimeoutError as error:
            raise HTTPException(408) from error
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(413)
        over = not message.get("more_body", False)
        return message

    return next_part
