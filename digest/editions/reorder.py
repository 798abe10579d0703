"""Everybody's stories in another order, as editors put them. Pure; who asked for it is noted on each pick that was moved."""

from dataclasses import replace

from digest.editions.arrange import PINNED
from digest.editions.hand import noted
from digest.editions.layout import Layout, Told
from digest.editions.pool import folded
from digest.editions.values import Pick, Place
from digest.newsletter import Newsletter


def led_by(layout: Layout, told: Told, newsletter: Newsletter) -> Layout:
    """With this story as the lead, wherever it stood before; the lead there was goes to the first place of its section."""
    before = layout.lead
    rest = tuple(one for one in layout.stories if one.id != told.id)
    lead = Told(article=replace(told.article, place=Place.LEAD), quote=told.quote)
    without = replace(layout, stories=(lead, *(one for one in rest if one is not before)))
    if before is None or before.id == told.id:
        return without
    return placed(without, Told(article=_follows(before.article), quote=before.quote), newsletter, first=True)


def _follows(lead: Pick) -> Pick:
    """What led, and leads no more. What the settings pinned stays in for everybody."""
    parts = lead.note.split(", ")
    kept = lead.kept or PINNED in parts
    return replace(lead, place=Place.SECTION, first=False, kept=kept, note=", ".join(part for part in parts if part != PINNED))


def placed(layout: Layout, told: Told, newsletter: Newsletter, *, first: bool = False) -> Layout:
    """With one more story: last (or first) of its section; a section that is not there yet goes where the newsletter has it, else to the end. Where
    there is no story so far, it leads."""
    if not layout.stories:
        return replace(layout, stories=(Told(article=replace(told.article, place=Place.LEAD), quote=told.quote),))
    own = Told(article=replace(told.article, place=Place.SECTION), quote=told.quote)
    sections = layout.sections
    if own.section in sections:
        there = sections[own.section]
        sections[own.section] = [own, *there] if first else [*there, own]
        return layout.with_sections(sections.values())
    order = list(sections)
    order.insert(_place(own.section, order, newsletter), own.section)
    return layout.with_sections(sections.get(name, [own]) for name in order)


def _place(section: str, order: list[str], newsletter: Newsletter) -> int:
    named = {folded(name): place for place, name in enumerate(newsletter.sections)}
    if section not in named:
        return len(order)
    return next((place for place, other in enumerate(order) if named.get(other, len(named)) > named[section]), len(order))


def moved(layout: Layout, article: int, after: int, note: str) -> Layout | str:
    """The story behind another of its section, 0: before them all; or why that cannot be."""
    told = layout.story(article)
    if told is None:
        return f"the article {article} is not in"
    if told.article.place is Place.LEAD:
        return f"the article {article} leads"
    sections = layout.sections
    rest = [one for one in sections[told.section] if one.id != article]
    ids = [one.id for one in rest]
    if after and after not in ids:
        return f"the article {after} is not below the lead in the same section"
    rest.insert(ids.index(after) + 1 if after else 0, Told(article=noted(told.article, note), quote=told.quote))
    sections[told.section] = rest
    return layout.with_sections(sections.values())


def moved_section(layout: Layout, section: str, after: str, note: str) -> Layout | str:
    """The section behind another, or before them all; or why that cannot be."""
    name, behind, sections = folded(section), folded(after), layout.sections
    if name not in sections:
        return f"there is no section “{section}”"
    order = [other for other in sections if other != name]
    if after and behind not in order:
        return f"there is no other section “{after}”"
    order.insert(order.index(behind) + 1 if after else 0, name)
    sections[name] = [Told(article=noted(told.article, note), quote=told.quote) for told in sections[name]]
    return layout.with_sections(sections[other] for other in order)
