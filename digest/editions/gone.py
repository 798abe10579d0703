"""What of a choice may not be shown any more. Pure."""

from digest.content.values import Snapshot
from digest.editions.gates import Gates
from digest.editions.talks import talks
from digest.editions.values import Choice, Kind, Pick
from digest.newsletter import Newsletter


def named_in(choice: Choice) -> set[int]:
    """Every article the edition shows, quotes from, names under another, or keeps in reserve."""
    return {pick.article_id for pick in choice.picks} | {number for pick in choice.picks for number in pick.also}


def comments_in(choice: Choice) -> set[int]:
    """Every comment that is shown or kept in reserve, answers of the staff included."""
    return {number for pick in choice.picks for number in _comments(pick)}


def gone(choice: Choice, snapshot: Snapshot, newsletter: Newsletter, asked: frozenset[int] = frozenset()) -> tuple[set[int], set[int]]:
    """The articles and comments of the choice that may not be shown any more, reserves counted. `asked`: see `Gates`."""
    shown = talks(snapshot, Gates(newsletter, choice.cutoff, asked)).by_article
    comments = {number: pick.article_id for pick in choice.picks for number in _comments(pick)}
    lost = {number for number, article_id in comments.items() if article_id not in shown or number not in shown[article_id].by_id}
    return named_in(choice) - shown.keys(), lost


def _comments(pick: Pick) -> set[int]:
    quoted = {pick.id} if pick.kind is Kind.COMMENT else set()
    return quoted | ({pick.reply_id} if pick.reply_id is not None else set())
