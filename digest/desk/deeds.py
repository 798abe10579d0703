"""What a line of the log says, in words. Pure."""

from collections.abc import Mapping

from digest.accounts.log import Logged
from digest.accounts.roles import Deed

WORDS = {
    Deed.CHANGE: "changed",
    Deed.UNDO: "undid or redid a change of",
    Deed.TEST: "sent a test of",
    Deed.APPROVE: "approved",
    Deed.HOLD: "held",
    Deed.RELEASE: "released",
    Deed.SEND: "sent",
    Deed.CANCEL: "cancelled",
    Deed.RENEW: "took what is new into",
    Deed.KEEP: "kept settings of",
    Deed.THEME: "changed a theme",
    Deed.READER: "worked on a reader",
    Deed.ACCOUNT: "changed an account",
    Deed.SIGN_IN: "signed in",
    Deed.SIGN_OUT: "signed out",
}
ACCOUNTS = {
    "added": "made the account",
    "role": "gave a role to",
    "password": "gave a password to",
    "closed": "closed the account",
    "signed out": "signed out everywhere",
}
READERS = {
    "edited": "put right what is known of a reader",
    "chose": "changed what a reader chose",
    "merged": "made one reader of two addresses",
    "suppressed": "suppressed an address",
    "lifted": "lifted a suppression",
    "erased": "erased a reader",
    "copied": "took along what is kept of a reader",
    "exported": "exported readers",
}
THEMES = {"begun": "began the theme", "kept": "changed the theme", "given": "gave up a file of the theme"}
LONGEST = 200  # characters of one detail


def did(logged: Logged) -> str:
    """“approved”, “signed in”: what comes between who and what."""
    if logged.what == Deed.ACCOUNT:
        return f"{ACCOUNTS.get(str(logged.detail.get('did')), WORDS[Deed.ACCOUNT])} {logged.detail.get('account', '')}".strip()
    if logged.what == Deed.READER:
        return READERS.get(str(logged.detail.get("did")), WORDS[Deed.READER])
    if logged.what == Deed.APPROVE and logged.detail.get("taken back"):
        return "took back the approval of"
    if logged.what == Deed.THEME:
        return f"{THEMES.get(str(logged.detail.get('did')), WORDS[Deed.THEME])} {logged.detail.get('theme', '')}".strip()
    return WORDS[Deed(logged.what)] if logged.what in set(Deed) else logged.what


def details(logged: Logged) -> list[str]:
    """What else was noted: “role publisher”, “drop article 12”."""
    shown = {key: value for key, value in logged.detail.items() if key not in ("did", "account", "number", "theme", "found")}
    return [part for key, value in shown.items() if (part := _detail(key, value))]


def _detail(key: str, value: object) -> str:
    if isinstance(value, Mapping):
        said = [str(value.get("do", "")), *(f"{name} {one}" for name, one in value.items() if name != "do" and one not in ("", None))]
        text = ", ".join(part for part in said if part)
    else:
        text = f"{key} {value}" if key not in ("reason", "note") else str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
