"""What signing a reader's message costs beside the bare signature."""

from digest.delivery.dkim import Signer
from digest.delivery.dkim_key import new_key, read_key
from tests.benchmarks.edition import ready
from tests.benchmarks.measure import Measured, seconds


def signing() -> Measured:
    """A message signed with RSA of 2048 bits, and a bare signature of as many bytes as its headers have."""
    edition = ready()
    message = edition.message()
    key = read_key(new_key("rsa"), selector="digest202611", domain="b.example", about="The key")
    signer, signed = Signer([key], edition.headers), bytes(1_500)
    ours, other = seconds(lambda: signer.sign(message) + message, times=300), seconds(lambda: key.sign(signed), times=300)
    size = f"{len(message) / 1000:.0f} kB each"
    return Measured(what="one reader's DKIM signature", ours=ours, against="the bare RSA signature", other=other, more=size)
