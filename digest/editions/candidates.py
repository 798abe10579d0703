"""Which articles have their turn in an edition: the new ones, and those sent before that are still being discussed."""

from dataclasses import dataclass
from typing import NamedTuple

from digest.content.values import Article, Snapshot
from digest.editions.canonical import canonical
from digest.editions.gates import Gates, sent_addresses
from digest.editions.talk import Talk
from digest.editions.talks import Talks


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """`fresh`, `discussed` and `missed` are in order of their ids; `refused` says why of each article that has no turn. `missed` had theirs in an
    earlier edition, and are only for readers who were not there."""

    fresh: tuple[Talk, ...]
    discussed: tuple[Talk, ...]
    refused: dict[int, str]
    missed: tuple[Talk, ...] = ()


class _History(NamedTuple):
    sent: dict[int, int]
    considered: frozenset[int]
    addresses: frozenset[str]


def turn(snapshot: Snapshot, talks: Talks, gates: Gates, missed: frozenset[int] = frozenset()) -> Turn:
    """`missed` are the articles that some readers are owed: those of them that may still be shown."""
    history = _History(dict(snapshot.sent), snapshot.considered, sent_addresses((*snapshot.articles, *snapshot.others), snapshot.sent))
    returning = tuple(article for article in snapshot.others if article.id in history.sent)
    looked_at = sorted({article.id: article for article in (*returning, *snapshot.articles)}.values(), key=lambda article: article.id)
    fresh: list[Talk] = []
    discussed: list[Talk] = []
    refused: dict[int, str] = {}
    for article in looked_at:
        if article.id not in talks.by_article:
            refused[article.id] = talks.refused_articles[article.id]
            continue
        talk = talks.by_article[article.id]
        if why := gates.too_old(article) or _had_its_turn(article, talk, history, gates.newsletter.articles.discussed_again):
            refused[article.id] = why
        else:
            (discussed if article.id in history.sent else fresh).append(talk)
    taken = {talk.article.id for talk in (*fresh, *discussed)}
    shown = talks.all
    owed = tuple(shown[number] for number in sorted(missed - taken) if number in shown and not gates.too_old(shown[number].article))
    for talk in owed:
        refused.pop(talk.article.id, None)
    return Turn(fresh=tuple(fresh), discussed=tuple(discussed), refused=refused, missed=owed)


def _had_its_turn(article: Article, talk: Talk, history: _History, discussed_again: int) -> str | None:
    if article.id in history.sent:
        then = history.sent[article.id]
        needed = max(discussed_again, then)
        since = max(0, talk.count - then)
        return None if since >= needed else f"was in an earlier edition: {since} comments since, {needed} bring it back"
    if article.id in history.considered:
        return "had its turn in an earlier edition"
    if history.addresses and canonical(article.url) in history.addresses:
        return "has the address of an article that was in an earlier edition"
    return None
