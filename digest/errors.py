"""What can go wrong, and whether trying again helps.

    DigestError                 the base: its text is a sentence for the person at the terminal
    ├── SettingsError           digest.toml is wrong; mend it, then try again
    ├── FileChanged             a file was changed by somebody else since it was read: look at it again, nothing was written
    ├── UnknownNewsletter       no such newsletter in digest.toml
    ├── UnknownCadence          a newsletter does not come in such a cadence
    ├── UnknownSegment          no such segment in digest.toml
    ├── DatabaseError           the database cannot be reached, or is not at this version's tables
    ├── TemplateError           a template is broken, or uses a value that does not exist
    ├── SourceError             one source failed as a whole; the others go on, the next sync tries again
    │   ├── Refused             the address is one we must not connect to
    │   ├── TryLater            the source asks for patience (429, 503): it is not asked again before `seconds` have passed
    │   └── Gone                the source says it is gone for good (410): it is not asked again until its settings change
    ├── NothingNew              a cadence that writes of every article has nothing to write of: its slot has no edition, and leaves no trace
    ├── WrongState              an edition is not in a state in which that can be done; the text says in which it is, and what can be done
    ├── BadChange               an editor's change makes no sense: an unknown kind, a wrong value, nothing to undo
    ├── ChangedMeanwhile        somebody else changed the edition since it was last looked at (editions/change_store.py): look again
    ├── SendingRefused          this newsletter may not be sent as it is declared (no postal address, no pages' address …)
    ├── AccountError            an account cannot be made or changed as asked; the text says why
    ├── TooBusy                 so many want the same at this moment that it would take the machine; try again in a moment
    ├── HeldBack                the checker found what must not go out; mend it, or say that it goes out all the same
    ├── CannotListen            the pages' address is taken, or not this machine's; mails are not concerned
    └── TransportDown           the relay cannot be reached: the batch goes back to the queue, the next run tries again

One reader's failure is no exception but an `Outcome` (see `delivery/values.py`); one bad item of a source is a
`Problem` in that source's report (see `sources/values.py`).
"""

from collections.abc import Iterable


class DigestError(Exception):
    """Something a person can act on; the message says what, where and what to do."""


class SettingsError(DigestError):
    pass


class FileChanged(DigestError):
    def __init__(self, name: str) -> None:
        super().__init__(f"{name} was changed by somebody else meanwhile. Nothing was written: look at it again, then decide.")


class UnknownNewsletter(DigestError):
    def __init__(self, slug: str, known: list[str]) -> None:
        names = ", ".join(known) or "none is declared"
        super().__init__(f"There is no newsletter “{slug}” in digest.toml (known: {names}).")


class UnknownCadence(DigestError):
    def __init__(self, slug: str, cadence: str, known: Iterable[str]) -> None:
        super().__init__(f"“{slug}” has no cadence “{cadence}” in digest.toml (known: {', '.join(known)}).")


class UnknownSegment(DigestError):
    def __init__(self, name: str, known: list[str]) -> None:
        names = ", ".join(known) or "none is declared"
        super().__init__(f"There is no segment “{name}” in digest.toml (known: {names}).")


class DatabaseError(DigestError):
    pass


class TemplateError(DigestError):
    pass


class SourceError(DigestError):
    pass


class Refused(SourceError):
    pass


class TryLater(SourceError):
    def __init__(self, message: str, *, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class Gone(SourceError):
    pass


class NothingNew(DigestError):
    pass


class WrongState(DigestError):
    pass


class BadChange(DigestError):
    pass


class SendingRefused(DigestError):
    pass


class AccountError(DigestError):
    pass


class TooBusy(DigestError):
    pass


class HeldBack(DigestError):
    pass


class CannotListen(DigestError):
    pass


class TransportDown(DigestError):
    pass
