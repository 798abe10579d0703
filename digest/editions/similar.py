"""Which articles are the same item, and which tell the same story (docs/choosing.md).

Bodies are compared by MinHash over shingles of five words. Of its two forms this is the one with a single permutation: the 128 least
hashes of a body stand for it (Broder's own sketch). 128 separate permutations estimate no better and take a hundred times as long.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import timedelta
from zlib import crc32

from digest.content.values import Article
from digest.editions.canonical import canonical
from digest.editions.lexicon import lexicon
from digest.editions.talk import HOUSE
from digest.editions.words import jaccard, telling, words
from digest.rules import ArticleRules

SKETCH = 128
SHINGLE = 5  # words
LONGEST = 3_000  # words of a body that are looked at
SHORTEST = 20  # words: two bodies of fewer are alike by chance (“Read more on our site”)


@dataclass(frozen=True, slots=True, kw_only=True)
class Print:
    """What of an article is compared."""

    article: Article
    address: str
    title: frozenset[str]
    body: frozenset[int]


def fingerprint(article: Article, language: str) -> Print:
    address = canonical(article.url)
    return Print(
        article=article,
        address=address if "/" in address or "?" in address else "",  # a site's front page is the address of careless feeds
        title=title_words(article.title, language),
        body=sketch(article.text),
    )


def title_words(title: str, language: str) -> frozenset[str]:
    found = words(title)
    return telling(found, lexicon(language)) or frozenset(found)


def sketch(text: str) -> frozenset[int]:
    """The 128 least hashes of the text's shingles; empty for a text too short to tell."""
    found = words(text)[:LONGEST]
    if len(found) < SHORTEST:
        return frozenset()
    shingles = map(" ".join, zip(*(found[start:] for start in range(SHINGLE)), strict=False))
    return frozenset(sorted({crc32(shingle.encode("utf-8", "replace")) for shingle in shingles})[:SKETCH])


def resemblance(one: frozenset[int], other: frozenset[int]) -> float:
    """The estimated Jaccard similarity of two bodies: what both share among the least hashes of their union. Exact for short bodies."""
    if one.isdisjoint(other):
        return 0.0
    least = sorted(one | other)[:SKETCH]
    return sum(value in one and value in other for value in least) / len(least)


def same_item(one: Print, other: Print, rules: ArticleRules) -> bool:
    if abs(one.article.published_at - other.article.published_at) > timedelta(hours=rules.same_within_hours):
        return False
    if one.address and one.address == other.address:
        return True
    return jaccard(one.title, other.title) >= rules.same_item or resemblance(one.body, other.body) >= rules.same_body


def clusters(prints: Sequence[Print], rules: ArticleRules, *, discussed: Callable[[Article], int], first: frozenset[int]) -> dict[int, int]:
    """Each duplicate's article id with that of the one that stands for it: an article of `first` (the pin), else staff-written, else the
    earliest, else the most discussed. Likeness is not passed on: whoever is only like a duplicate stays."""

    def preference(one: Print) -> tuple[object, ...]:
        article = one.article
        ours = article.author is not None and article.author.role in HOUSE
        return (article.id not in first, not ours, article.published_at, -discussed(article), article.id)

    stands_for: dict[int, int] = {}
    known = _Index(_shared(prints))
    for one in sorted(prints, key=preference):
        found = next((other for other in known.like(one) if same_item(one, other, rules)), None)
        if found is None:
            known.add(one)
        else:
            stands_for[one.article.id] = found.article.id
    return stands_for


class _Index:
    """Finds the few prints that share anything with a given one, so that 1,000 articles do not take 500,000 comparisons. `shared` are the
    features worth looking for: nearly all of a body's are its own alone."""

    def __init__(self, shared: Set[object]) -> None:
        self._shared = shared
        self._prints: list[Print] = []
        self._by_feature: defaultdict[object, list[int]] = defaultdict(list)

    def add(self, one: Print) -> None:
        for feature in _features(one) & self._shared:
            self._by_feature[feature].append(len(self._prints))
        self._prints.append(one)

    def like(self, one: Print) -> Iterator[Print]:
        """In the order they were added."""
        places = {place for feature in _features(one) & self._shared for place in self._by_feature.get(feature, ())}
        return (self._prints[place] for place in sorted(places))


def _features(one: Print) -> Set[object]:
    features: Set[object] = one.title | one.body
    return features | {("address", one.address)} if one.address else features


def _shared(prints: Sequence[Print]) -> Set[object]:
    """The features that more than one print has."""
    seen: set[object] = set()
    shared: set[object] = set()
    for one in prints:
        features = _features(one)
        shared |= features & seen
        seen |= features
    return shared


STORY = 0.7  # how alike two articles on the same story are for the arrangement; too uncertain (precision .71) to drop one
SECTION = 0.5
AUTHOR = 0.6


def likeness(one: Print, other: Print, rules: ArticleRules, tags: Mapping[int, frozenset[str]]) -> float:
    """How much a second article of this kind would bore, 0 … 1."""
    first, second = one.article, other.article
    alike = jaccard(tags[first.id], tags[second.id])
    if first.section and first.section.casefold() == second.section.casefold():
        alike = max(alike, SECTION)
    if first.author is not None and second.author is not None and first.author.id == second.author.id:
        alike = max(alike, AUTHOR)
    if alike < STORY and jaccard(one.title, other.title) >= rules.same_story:
        return STORY
    return alike
