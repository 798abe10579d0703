"""What each role may do at the desk. Pure."""

from enum import StrEnum


class DeskRole(StrEnum):
    WRITER = "writer"  # changes drafts and sends tests
    PUBLISHER = "publisher"  # also approves, holds, sends and cancels, and keeps settings
    ADMIN = "admin"  # also accounts, readers and themes


class Deed(StrEnum):
    """Something done at the desk, as the log names it."""

    CHANGE = "change"  # pin, drop, move, swap, words …
    UNDO = "undo"
    TEST = "test"
    APPROVE = "approve"
    HOLD = "hold"
    RELEASE = "release"  # a held edition becomes a draft again
    SEND = "send"  # now, not at its slot
    CANCEL = "cancel"
    RENEW = "renew"  # take in what is new since the cut-off
    KEEP = "keep"  # write weights or a sponsor to digest.toml
    THEME = "theme"  # change a template
    READER = "reader"  # edit, merge, suppress, lift, erase, export
    ACCOUNT = "account"
    SIGN_IN = "sign in"
    SIGN_OUT = "sign out"


_WRITER = frozenset({Deed.CHANGE, Deed.UNDO, Deed.TEST, Deed.SIGN_IN, Deed.SIGN_OUT})
_PUBLISHER = _WRITER | {Deed.APPROVE, Deed.HOLD, Deed.RELEASE, Deed.SEND, Deed.CANCEL, Deed.RENEW, Deed.KEEP}
MAY = {DeskRole.WRITER: _WRITER, DeskRole.PUBLISHER: _PUBLISHER, DeskRole.ADMIN: frozenset(Deed)}


def may(role: DeskRole, deed: Deed) -> bool:
    """Whether somebody in this role may do that."""
    return deed in MAY[role]
