"""What a comment's score can be at most, found without working it out: in three steps, each dearer and nearer than the one before."""

from collections.abc import Iterator
from math import log, log1p, log2
from string import ascii_letters, digits

from digest.editions.comment_score import Yardstick
from digest.editions.lexicon import lexicon
from digest.editions.talk import DEEPEST, Talk
from digest.editions.votes import votes_scores
from digest.editions.words import CJK_CHARACTERS, has_address, has_digit, length, words

_SLACK = 2e-6  # sums in another order differ by less, and ranks are rounded to half of it
_LETTERS, _DIGITS = ascii_letters.encode(), digits.encode()


class Estimate:
    """Each step gives no less than the score. The second and third begin with what `rough` gave."""

    def __init__(self, yardstick: Yardstick) -> None:
        self._scale = yardstick.scale
        self._rules = rules = yardstick.rules
        self._lists = lexicon(yardstick.language)
        self._full = log(1 + rules.saturation_words)
        self._saturated = rules.saturation_words
        self._connectives, self._personal = max(0.0, rules.connectives), max(0.0, rules.personal)
        self._number, self._link = max(0.0, rules.number), max(0.0, rules.link)
        self._exclamation = max(0.0, rules.exclamation)
        virtues = self._connectives + self._personal + self._number + self._link + max(0.0, rules.on_topic)
        alone = max(0.0, rules.new_voice) + max(0.0, -rules.own_thread) + DEEPEST * max(0.0, -rules.depth)
        self._most = 1.0 + virtues + alone + _SLACK
        self._answered = [max(0.0, rules.repliers) * log2(1 + answers) for answers in range(5)]

    def rough(self, talk: Talk) -> Iterator[float]:
        """Of each comment of a talk in order: its votes and answers, and all the best that a text and a place in the thread can give."""
        weight, staff = self._rules.votes_weight, max(0.0, self._rules.staff_reply)
        answered = {
            number: self._answered[min(4, len(answers))] + (staff if any(map(talk.is_by_house, answers)) else 0.0)
            for number, answers in talk.answers.items()
        }
        for comment, votes in zip(talk.comments, votes_scores(talk, self._scale), strict=True):
            yield weight * votes + self._most + answered.get(comment.id, 0.0)

    def fair(self, text: str, rough: float) -> float:
        """Less what the text is too short for, and what its figures and marks tell."""
        rest = text.encode("ascii", "replace").translate(None, _LETTERS)
        parting = len(rest.translate(None, _DIGITS))  # whatever is neither letter nor figure may part two words
        long = self._long(parting + 1 if self._lists else len(text) / CJK_CHARACTERS)
        return rough - 1.0 + long - self._missing(text, number=len(rest) > parting, link=has_address(text))

    def close(self, text: str, rough: float) -> float:
        """Less what its words tell, all but whether they are on topic."""
        found, link = words(text), has_address(text)
        most = rough - 1.0 + self._long(length(text, found, self._lists)) - self._missing(text, number=has_digit(text), link=link)
        if link:
            return most  # it does not count as words: what is left has to be found first
        known, lists = frozenset(found), self._lists
        if lists is None or known.isdisjoint(lists.connectives):
            most -= self._connectives
        if lists is None or known.isdisjoint(lists.first_person) or known.isdisjoint(lists.experience):
            most -= self._personal
        return most

    def _missing(self, text: str, *, number: bool, link: bool) -> float:
        """What is lost by having no number and no link, and by exclamation marks: those within a link do not count."""
        lost = 0.0 if number else self._number
        return lost if link else lost + self._link + self._exclamation * min(4, text.count("!"))

    def _long(self, count: float) -> float:
        return log1p(count) / self._full if count < self._saturated else 1.0
