"""One reader's message from ready bytes, and what making the bytes costs."""

from email.message import EmailMessage

from digest.render.inline import inline
from tests.benchmarks.edition import drawn, ready
from tests.benchmarks.measure import Measured, seconds


def one_reader() -> Measured:
    """A reader's message from ready bytes, and the same drawn, inlined and built anew."""
    compiled = ready()

    def naive() -> bytes:
        page = drawn()
        message = EmailMessage()
        message["Subject"], message["To"] = "Weekly", "a@b.example"
        message.set_content(page.text)
        message.add_alternative(inline(page.html), subtype="html")
        return message.as_bytes()

    size = f"{len(compiled.message()) / 1000:.0f} kB each"
    ours, other = seconds(compiled.message, times=2_000), seconds(naive, rounds=3)
    return Measured(what="one reader's message", ours=ours, against="drawn, inlined and built anew", other=other, more=size)


def inliners() -> Measured:
    page = drawn().html
    ours, other = seconds(lambda: inline(page, "fast"), times=20), seconds(lambda: inline(page), rounds=3)
    return Measured(what="inlining with css-inline, once an edition", ours=ours, against="premailer", other=other)
