"""What other programs call the state of a subscription, and which of two words weighs more. Pure."""

from collections.abc import Iterable, Mapping

from subscribers.tables import SubscriptionState, SuppressionReason

# Whatever is not listed is not taken in.
STATES: Mapping[str, SubscriptionState | SuppressionReason] = {
    **dict.fromkeys(("confirmed", "subscribed", "active", "enabled"), SubscriptionState.CONFIRMED),
    **dict.fromkeys(("pending", "unconfirmed"), SubscriptionState.PENDING),
    **dict.fromkeys(("unsubscribed", "left", "opted out"), SubscriptionState.UNSUBSCRIBED),
    **dict.fromkeys(("bounced", "hard bounced", "cleaned", "undeliverable"), SuppressionReason.BOUNCE),
    **dict.fromkeys(("complained", "complaint", "spam complaint", "marked as spam"), SuppressionReason.COMPLAINT),
    **dict.fromkeys(("blocklisted", "blacklisted", "suppressed"), SuppressionReason.BY_HAND),
}
# Words that can be repeated to the operator: a cell that is none of ours may hold anything.
TURNED_DOWN = ("disabled", "paused", "removed", "deleted", "never subscribed", "nonsubscribed", "not sending", "spammy", "trashed")
LIGHT_TO_HEAVY = (SubscriptionState.CONFIRMED, SubscriptionState.PENDING, SubscriptionState.UNSUBSCRIBED)


def heaviest(words: Iterable[str]) -> str:
    """Of several words of one row the one that forbids most; a word nobody knows weighs more than a subscription, less than a suppression."""
    return max(filter(None, words), key=_weight, default="")


def least(one: SubscriptionState, other: SubscriptionState) -> SubscriptionState:
    """That of two states which says less: nobody is confirmed by a list whose own row says otherwise."""
    return max(one, other, key=LIGHT_TO_HEAVY.index)


def _weight(word: str) -> int:
    state = STATES.get(word)
    if isinstance(state, SuppressionReason):
        return len(LIGHT_TO_HEAVY) + 1
    return len(LIGHT_TO_HEAVY) if state is None else LIGHT_TO_HEAVY.index(state)
