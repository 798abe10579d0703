"""A choice as the editors left it: their changes are worked into it one after the other, and each pick says who touched it. Pure."""

from digest.content.values import Snapshot
from digest.editions.changes import Changes
from digest.editions.values import Choice
from digest.newsletter import Newsletter


def rework(choice: Choice, changes: Changes, snapshot: Snapshot, newsletter: Newsletter, *, personal: bool) -> Choice:
    """The choice with the changes that count. The same choice, changes and snapshot give the same."""
    return choice
