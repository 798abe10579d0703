"""What a form brings: read within bounds, and freed of what no text of a reader holds."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

MAXIMUM_FIELDS = 1_000  # a page of preferences has one for each section and author
MAXIMUM_PART = 16_384  # bytes; the whole body is limited by the shield
# Controls but tab and line ends: PostgreSQL takes no NUL in a text, and nothing else of them was ever meant.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The fields as they came in, in order. Every value is valid Unicode, without control characters and without space around it."""

    fields: tuple[tuple[str, str], ...] = ()

    def one(self, name: str) -> str:
        """The first value of the field; empty when it is not there."""
        return next((value for key, value in self.fields if key == name), "")

    def all(self, name: str) -> tuple[str, ...]:
        """All values of the field, as of check boxes."""
        return tuple(value for key, value in self.fields if key == name)


def answering(handler: Callable[[Request, Form], Response]) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that reads a form (urlencoded or multipart, without files) and lets `handler` answer in a thread, which may wait for the database.

    A body of another kind counts as an empty form; one that cannot be read, or brings a file, is answered with 400.
    """

    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(handler, request, await read_form(request))

    return endpoint


async def read_form(request: Request) -> Form:
    try:
        async with request.form(max_files=0, max_fields=MAXIMUM_FIELDS, max_part_size=MAXIMUM_PART) as found:
            return Form(fields=tuple((_clean(name), _clean(value)) for name, value in found.multi_items() if isinstance(value, str)))
    except (ValueError, LookupError) as error:  # a charset that does not exist, a boundary that never comes
        raise HTTPException(400) from error


def _clean(text: str) -> str:
    return _CONTROLS.sub("", text.encode("utf-8", "replace").decode("utf-8")).strip()
