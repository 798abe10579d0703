"""Who is at the desk, and what they may do there."""

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request

from digest.accounts.roles import MAY, Deed, DeskRole, may

KEY = "digest.visitor"  # in the scope of a request


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """`csrf` is what every form of theirs brings back. `local`: they came by a one-time link, on this machine. `account` and `session` are set where
    they signed in with a password, and where a cookie says who they are."""

    who: str
    role: DeskRole
    csrf: str
    local: bool
    account: int | None = None
    session: str = ""

    def may(self, deed: str) -> bool:
        """For templates: whether their role allows “approve”, “send” …"""
        return may(self.role, Deed(deed))


def visitor_of(request: Request) -> Visitor:
    """Who asks. The gate lets nobody else through; on the few pages before it see `known`."""
    visitor = known(request)
    if visitor is None:
        raise HTTPException(403, "You are not signed in.")
    return visitor


def known(request: Request) -> Visitor | None:
    """Who asks, where that is known: on the page to sign in mostly nobody is."""
    visitor: Visitor | None = request.scope.get(KEY)
    return visitor


def require(request: Request, deed: Deed) -> Visitor:
    """Who asks, if their role allows the deed; else 403, in words."""
    visitor = visitor_of(request)
    if not may(visitor.role, deed):
        allowed = " or ".join(_with_article(role) for role in DeskRole if deed in MAY[role])
        raise HTTPException(403, f"You are here as {_with_article(visitor.role)}. {WORDS[deed]} takes {allowed}.")
    return visitor


def _with_article(role: DeskRole) -> str:
    return f"an {role}" if role is DeskRole.ADMIN else f"a {role}"


WORDS = {
    Deed.CHANGE: "Changing an edition",
    Deed.UNDO: "Undoing a change",
    Deed.TEST: "Sending a test",
    Deed.APPROVE: "Approving an edition",
    Deed.HOLD: "Holding an edition",
    Deed.RELEASE: "Releasing an edition",
    Deed.SEND: "Sending an edition",
    Deed.CANCEL: "Cancelling an edition",
    Deed.RENEW: "Taking in what is new",
    Deed.KEEP: "Keeping settings",
    Deed.THEME: "Changing a theme",
    Deed.READER: "Working on readers",
    Deed.ACCOUNT: "Managing accounts",
    Deed.SIGN_IN: "Signing in",
    Deed.SIGN_OUT: "Signing out",
}
