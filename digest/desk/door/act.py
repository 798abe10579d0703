"""A route that does something: it names the deed, and nobody whose role does not allow it gets to its handler."""

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.accounts.roles import Deed
from digest.desk.door.visitor import require
from digest.web.form import Form, read_form


class Act(Route):
    """POST to `path`. `handler` gets the form, in a thread, once the visitor's role allowed the `deed`; the gate has looked at the form's `csrf`
    before."""

    def __init__(self, path: str, handler: Callable[[Request, Form], Response], *, deed: Deed) -> None:
        async def endpoint(request: Request) -> Response:
            require(request, deed)
            return await run_in_threadpool(handler, request, await read_form(request))

        super().__init__(path, endpoint, methods=["POST"], name=handler.__name__)
        self.deed = deed
