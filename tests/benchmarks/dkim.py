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
    # In turns: whatever else the machine does then falls on both.
    rounds = [(seconds(lambda: signer.sign(message) + message, times=100), seconds(lambda: key.sign(signed), times=100)) for _ in range(6)]
    ours, other = (min(times) for times in zip(*rounds, strict=True))
    size = f"{len(message) / 1000:.0f} kB each"
    return Measured(what="one reader's DKIM signature", ours=ours, against="the bare RSA signature", other=other, more=size)
