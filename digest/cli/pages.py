"""The readers' pages, beside whatever else a process does."""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from digest.errors import CannotListen
from digest.listen import Listen, parse_listen
from digest.settings import Settings
from digest.web.app import application
from digest.web.reception import Reception
from digest.web.serve import serving
from digest.wiring import clock, open_store, signing_keys

log = logging.getLogger("digest.pages")


@contextmanager
def pages(settings: Settings, listen: str, wake: Callable[[], None]) -> Iterator[Listen]:
    """Open until the end of the block; `CannotListen` where they cannot be.

    They have database connections of their own: however many readers wait for one, no mail does.
    """
    engine = open_store(settings)
    reception = Reception(engine=engine, settings=settings, keys=signing_keys(settings), clock=clock, wake=wake)
    try:
        with serving(application(reception), parse_listen(listen)) as address:
            log.info("the readers' pages listen on %s", address)
            yield address
    finally:
        engine.dispose()


@contextmanager
def pages_beside(settings: Settings, wake: Callable[[], None]) -> Iterator[None]:
    """Open where [pages] says so. An address that is taken is a line of the log: mails go out none the less."""
    with ExitStack() as stack:
        if settings.pages.url and settings.pages.listen:
            try:
                stack.enter_context(pages(settings, settings.pages.listen, wake))
            except CannotListen as error:
                log.error("%s The mails go out none the less.", error)  # noqa: TRY400 - the sentence says it all
        yield
