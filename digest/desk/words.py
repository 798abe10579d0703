"""What the desk says in words: how long ago, how soon, how big, and what a state means. Pure."""

from datetime import datetime, timedelta

from digest.editions.values import EditionState

# A state as it is shown, and what that means for the mail.
STATES = {
    EditionState.DRAFT: ("Draft", "Nothing of it has gone out."),
    EditionState.HELD: ("Held", "It does not go out until it is released."),
    EditionState.APPROVED: ("Approved", "It goes out at its time."),
    EditionState.SENDING: ("Sending", "It is being handed over."),
    EditionState.PAUSED: ("Paused", "What has not left yet waits."),
    EditionState.SENT: ("Sent", "Every mail of it is settled."),
    EditionState.CANCELLED: ("Cancelled", "Nothing more of it goes out."),
    EditionState.SKIPPED: ("Skipped", "There was too little to say: no mail."),
}
UNITS = (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1)))


def state_words(state: EditionState) -> str:
    return STATES[state][0]


def state_meaning(state: EditionState) -> str:
    return STATES[state][1]


def ago(moment: datetime | None, *, now: datetime) -> str:
    """“3 hours ago”; “never” for none. What another machine's clock puts ahead of ours was just now."""
    if moment is None:
        return "never"
    length = span(max(now - moment, timedelta(0)))
    return f"{length} ago" if length else "just now"


def until(moment: datetime, *, now: datetime) -> str:
    """“in 3 hours”; what is over is told as `ago`."""
    if moment < now:
        return ago(moment, now=now)
    length = span(moment - now)
    return f"in {length}" if length else "now"


def span(length: timedelta) -> str:
    """In its largest unit and, below ten of them, the next: “2 days 4 hours”; empty below a minute."""
    for number, (unit, one) in enumerate(UNITS):
        count, rest = divmod(length, one)
        if count:
            smaller = UNITS[number + 1] if count < 10 and number + 1 < len(UNITS) else None
            more = rest // smaller[1] if smaller else 0
            return counted(count, unit) + (f" {counted(more, smaller[0])}" if smaller and more else "")
    return ""


def counted(count: int, noun: str) -> str:
    """“1 day”, “2 days”, “1,000 days”."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def kilobytes(size: int) -> str:
    """As mail programs count: 1 KB is 1,024 bytes."""
    return f"{size / 1024:.1f} KB"
