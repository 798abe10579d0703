"""The line that is read in the list of mails: its length, its tone, and what stands behind it."""

import re
import unicodedata
from collections.abc import Iterator

from digest.render.lint.finding import Finding, Level, Rule
from digest.render.lint.mail import Mail

PHONE, DESKTOP = 40, 70  # letters that the list of mails shows, about
EMPTY = Rule(
    id="subject.empty",
    level=Level.ERROR,
    why="A mail without a subject is opened by nobody, and counts as spam.",
    mend="Write one on the desk, or give the articles titles.",
)
LONG = Rule(
    id="subject.long",
    level=Level.NOTE,
    why="What comes after the first letters is cut: about 40 on a phone, 70 on a desktop.",
    mend="Begin with what matters, or write a shorter one on the desk.",
)
SHOUTING = Rule(
    id="subject.shouting",
    why="Capitals and rows of exclamation marks are what spam looks like, to readers and to filters.",
    mend="Write it as a sentence.",
)
EMOJI = Rule(
    id="subject.emoji",
    level=Level.NOTE,
    why="Screen readers read every emoji out by its name, and old mail programs show boxes.",
    mend="Keep one at most, at the end.",
)
AGAIN = Rule(
    id="subject.again",
    why="Mail programs take two mails of one subject for one conversation, and readers for one mail.",
    mend="Write another one on the desk.",
)
REPLY = Rule(
    id="subject.reply",
    why="“Re:” says that somebody answers; where nobody does, the law calls it misleading (CAN-SPAM).",
    mend="Take it out of the subject.",
)
HIDDEN = Rule(
    id="subject.hidden",
    why="Letters that cannot be seen are a way round filters, and some mail programs show boxes for them.",
    mend="Write the subject again, by hand.",
)
PREHEADER = Rule(
    id="subject.preheader",
    level=Level.NOTE,
    why="The line after the subject is read in the list of mails, too; without one of its own it shows the first words of the page.",
    mend="Write one on the desk that goes on where the subject ends.",
)
RULES = (EMPTY, LONG, SHOUTING, EMOJI, AGAIN, REPLY, HIDDEN, PREHEADER)

_REPLY = re.compile(r"(?i)(?:re|fwd?|aw|wg|rv|tr)\s*:\s")
_PICTURES = re.compile("[\u2600-\u27bf\u2b50\u2b55\U0001f000-\U0001faff]")  # the blocks that emoji are in
_JOINERS = "\u200c\u200d\ufe0f"  # have their place within emoji and Persian words


def check(mail: Mail) -> Iterator[Finding]:
    subject = mail.subject
    if subject is not None and not subject.strip():
        yield EMPTY.found("There is no subject.")
    elif subject is not None:
        yield from _length(subject)
        yield from _tone(subject)
        if mail.about.last_subject and _same(subject, mail.about.last_subject):
            yield AGAIN.found(f"“{subject}” was the subject of the last edition, too.")
    if mail.about.preheader is not None and subject is not None:
        yield from _preheader(mail.about.preheader, subject)


def _length(subject: str) -> Iterator[Finding]:
    if len(subject) > DESKTOP:
        yield LONG.found(f"The subject has {len(subject)} letters; on a phone it ends with “{subject[:PHONE].rstrip()[-20:]}…”.")


def _tone(subject: str) -> Iterator[Finding]:
    words = [word for word in re.findall(r"[^\W\d_]{3,}", subject) if word.upper() != word.lower()]
    loud = [word for word in words if word.isupper()]
    if len(loud) >= 3 and len(loud) * 2 > len(words):
        yield SHOUTING.found(f"“{subject}” is written in capitals.")
    elif "!!" in subject or subject.count("!") > 1:
        yield SHOUTING.found(f"“{subject}” has more than one exclamation mark.")
    emoji = _PICTURES.findall(subject)
    if len(emoji) > 1:
        yield EMOJI.found(f"The subject has {len(emoji)} emoji.")
    if _REPLY.match(subject):
        yield REPLY.found(f"“{subject}” looks like an answer.")
    hidden = [letter for letter in subject if unicodedata.category(letter) in ("Cf", "Cc", "Co") and letter not in _JOINERS]
    if hidden:
        yield HIDDEN.found(f"The subject holds {len(hidden)} letters that cannot be seen, like U+{ord(hidden[0]):04X}.")


def _preheader(preheader: str, subject: str) -> Iterator[Finding]:
    if not preheader.strip():
        yield PREHEADER.found("There is no preheader.")
    elif _same(preheader, subject):
        yield PREHEADER.found("The preheader repeats the subject.")


def _same(one: str, other: str) -> bool:
    return one.casefold().split() == other.casefold().split()
