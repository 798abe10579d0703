"""What a comment's own words say for it: Q of docs/choosing.md. The only judge where there are no votes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import log, log1p

from digest.editions.lexicon import Lexicon, lexicon
from digest.editions.values import Term
from digest.editions.words import ADDRESS, has_address, has_digit, length, sentences, words
from digest.rules import CommentRules

RAMBLING_FROM = 400  # words
SENTENCE_LIMIT = 40  # words
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_UPPER = bytes(range(ord("A"), ord("Z") + 1))
_LETTERS = _UPPER + _UPPER.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class TextScore:
    """`known` are the different words, `words` their number as it counts for length; `value` is the sum of the terms."""

    value: float
    words: float
    known: frozenset[str]
    insulting: bool
    terms: tuple[Term, ...]


def text_score(text: str, rules: CommentRules, language: str) -> TextScore:
    """Q and what it is made of. Finite for any text, 0 for none."""
    lists = lexicon(language)
    link = has_address(text)
    own = ADDRESS.sub(" ", text) if link else text
    found = words(own)
    count = length(own, found, lists)
    known = frozenset(found)
    terms = [
        Term(name="length", value=min(1.0, log1p(max(0.0, count)) / log(1 + rules.saturation_words)), note=f"{count:.0f} words"),
        *_surface(own, link, rules),
    ]
    insults = 0
    if lists is not None:
        insults = sum(found.count(word) for word in lists.insults & known)
        terms.extend(_wording(known, insults, lists, rules))
        terms.extend(_flow(own, len(known) / max(1, len(found)), count, rules))
    if count > RAMBLING_FROM:
        terms.append(Term(name="rambling", value=-min(0.3, (count - RAMBLING_FROM) / 1500), note=f"{count:.0f} words"))
    return TextScore(value=sum(term.value for term in terms), words=count, known=known, insulting=insults > 0, terms=tuple(terms))


def _surface(text: str, link: bool, rules: CommentRules) -> Iterator[Term]:
    """What is seen in any language."""
    if has_digit(text):
        yield Term(name="number", value=rules.number)
    if link:
        yield Term(name="link", value=rules.link)
    if marks := min(4, text.count("!")):
        yield Term(name="exclamations", value=-rules.exclamation * marks, note=f"{marks}{' or more' if marks == 4 else ''}")
    if (share := _capitals(text)) > 0.30:
        yield Term(name="capitals", value=-rules.capitals, note=f"{share:.0%} of the letters")


def _wording(known: frozenset[str], insults: int, lists: Lexicon, rules: CommentRules) -> Iterator[Term]:
    if connectives := sorted(lists.connectives & known):
        yield Term(name="connectives", value=rules.connectives * min(3, len(connectives)) / 3, note=", ".join(connectives[:3]))
    if known & lists.first_person and known & lists.experience:
        yield Term(name="personal", value=rules.personal, note="tells of an experience of their own")
    if insults:
        yield Term(name="insults", value=-rules.insult * min(2, insults), note=f"{insults} found")


def _flow(text: str, variety: float, count: float, rules: CommentRules) -> Iterator[Term]:
    if 40 < count < 200 and variety < 0.4:
        yield Term(name="repetition", value=-rules.repetition, note=f"{variety:.0%} of the words differ")
    # Full stops are quickly counted, and where they alone make the sentences short enough, nothing else can make them longer.
    if count > SENTENCE_LIMIT * (1 + text.strip().count(". ")) and (average := count / sentences(text)) > SENTENCE_LIMIT:
        excess = (average - SENTENCE_LIMIT) / SENTENCE_LIMIT
        yield Term(name="long sentences", value=-rules.long_sentences * excess, note=f"{average:.0f} words each")


def _capitals(text: str) -> float:
    """The share of capitals among the letters. The ASCII ones are counted in bytes: ten times as fast as one by one."""
    plain = text.encode("ascii", "ignore")
    others = [] if text.isascii() else _BEYOND_ASCII.findall(text)
    letters = len(plain) - len(plain.translate(None, _LETTERS)) + sum(map(str.isalpha, others))
    capitals = len(plain) - len(plain.translate(None, _UPPER)) + sum(map(str.isupper, others))
    return capitals / letters if letters else 0.0
