"""One message handed over at once, beside the queue: a test, or a note to an editor."""

from collections.abc import Sequence

from digest.delivery.route import Route
from digest.delivery.steps import finish
from digest.delivery.values import Envelope, Outcome
from digest.errors import TransportDown


def hand_in(routes: Sequence[Route], envelope: Envelope) -> Outcome:
    """By the first way out that is open. `TransportDown` where none is."""
    shut: list[TransportDown] = []
    for route in routes:
        transport = route.open()
        try:
            outcome = finish(transport.hand_over(envelope))
            finish(transport.leave())
        except TransportDown as error:
            shut.append(error)
        else:
            return outcome
        finally:
            transport.close()
    raise shut[0]
