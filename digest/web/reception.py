"""What the readers' pages work with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import Engine
from starlette.requests import Request

from digest.database import reading
from digest.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)  # one is itself alone: what follows from it may be kept by it
class Reception:
    """`wake` tells whoever sends letters that there is something new; it must return at once."""

    engine: Engine
    settings: Settings
    keys: list[str]  # newest first, as the settings list them
    clock: Callable[[], datetime]
    wake: Callable[[], None] = lambda: None

    @property
    def reads(self) -> Engine:
        """For what changes nothing: it waits for no writer."""
        return reading(self.engine)

    @property
    def root(self) -> str:
        """The path below which the pages live, as [pages] url says; mostly empty. Every link of a page begins with it."""
        return urlsplit(self.settings.pages.url).path


def reception_of(request: Request) -> Reception:
    """The reception of the application that answers this request."""
    reception: Reception = request.app.state.reception
    return reception
