"""What the readers want is asked ahead, as soon as the desk opens: of a million that takes two seconds, and no page waits for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from sqlalchemy.exc import SQLAlchemyError

from digest.desk.edition_now import asking_now
from digest.desk.studio import Studio
from digest.errors import DigestError
from digest.newsletter import Newsletter

LETTERS = 8  # newsletters, in each of their cadences: what is kept has other uses, too


def letters_ahead(studio: Studio) -> list[Newsletter]:
    """Of which it is asked."""
    return [one for declared in studio.settings.newsletters.values() for one in declared.in_every_cadence()][:LETTERS]


@contextmanager
def asked_ahead(studio: Studio) -> Iterator[None]:
    """Asks beside the block, which ends when the question under way is answered."""
    thread = Thread(target=_ask, args=(studio,), name="asked ahead")
    thread.start()
    try:
        yield
    finally:
        studio.closing.set()
        thread.join()


def _ask(studio: Studio) -> None:
    try:
        for newsletter in letters_ahead(studio):
            if not studio.closing.is_set():
                asking_now(studio, newsletter)
    except (DigestError, SQLAlchemyError):
        return  # the page that needs it asks for itself, and says what is wrong
