"""An edition in editors' words: subject, preheader, introduction, excerpts, and the sponsor of this edition. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from digest.editions.changes import Changes, Excerpt, Introduction, Preheader, Sponsored, Subject
from digest.editions.values import Edition, Story
from digest.newsletter import Sponsor


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What editors wrote; empty: as the program makes it. `sponsor` counts where it is `sponsored`: None then means that there is none."""

    subject: str = ""
    preheader: str = ""
    introduction: str = ""
    excerpts: Mapping[int, str] = field(default_factory=dict)
    sponsored: bool = False
    sponsor: Sponsor | None = None


def words_of(changes: Changes) -> Words:
    """The last that each change that counts said."""
    words, excerpts = Words(), dict[int, str]()
    for one in changes.standing:
        match one.change:
            case Subject(text=text):
                words = replace(words, subject=" ".join(text.split()))
            case Preheader(text=text):
                words = replace(words, preheader=" ".join(text.split()))
            case Introduction(markdown=markdown):
                words = replace(words, introduction=markdown)
            case Excerpt(article=article, text=text):
                excerpts[article] = " ".join(text.split())
            case Sponsored(sponsor=sponsor):
                words = replace(words, sponsored=True, sponsor=sponsor)
            case _:
                pass
    return replace(words, excerpts={article: text for article, text in excerpts.items() if text})


def reworded(edition: Edition, words: Words) -> Edition:
    """The edition with the introduction and the excerpts that editors wrote, whole, at whatever length a story is told."""
    if not words.introduction.strip() and not words.excerpts:
        return edition

    def told(story: Story) -> Story:
        return replace(story, excerpt=words.excerpts.get(story.article_id, story.excerpt))

    return replace(
        edition,
        introduction=blocks_of(words.introduction) or edition.introduction,
        lead=told(edition.lead) if edition.lead else None,
        leads=tuple(map(told, edition.leads)),
        sections=tuple(replace(section, stories=tuple(map(told, section.stories))) for section in edition.sections),
    )


def blocks_of(markdown: str) -> tuple[str, ...]:
    """A text at its empty lines: each part is a paragraph, or a piece of a list. Joined by empty lines they are the text again."""
    return tuple(part.strip("\n").rstrip() for part in re.split(r"\n\s*\n", markdown.replace("\r\n", "\n").strip()) if part.strip())
