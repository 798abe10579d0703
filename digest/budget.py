"""An edition within its size budget: shortened in as few steps as it takes, for some mail programs cut what is longer."""

from bisect import bisect_left

from digest.editions.values import Edition
from digest.newsletter import Newsletter
from digest.render.compiled import CompiledEdition
from digest.settings import Settings
from subscribers.wish import EVERYTHING

# As in `prepare.py`: a worker that only hands over would hold 30 MB of libraries for nothing.
# ruff: noqa: PLC0415


def within_budget(edition: Edition, newsletter: Newsletter, settings: Settings) -> tuple[Edition, CompiledEdition, int, tuple[str, ...]]:
    """The edition in as few steps of shortening as its size budget takes, in how many, and what was done."""
    from digest.editions.shorten import shortened
    from digest.render.translation import own_texts

    budget = newsletter.limits.html_bytes
    compiled = compile_in(edition, newsletter, settings)
    if _html_bytes(edition, compiled) <= budget:
        return edition, compiled, 0, ()
    steps = [(edition, ()), *shortened(edition, own_texts(newsletter.language))]
    made = {0: compiled}

    def below(step: int) -> int:
        made[step] = compile_in(steps[step][0], newsletter, settings)
        return -_html_bytes(steps[step][0], made[step])

    # Each step only takes away, so the first that fits is found by halves: of an edition twice too large, six are compiled instead of thirty.
    step = bisect_left(range(1, len(steps)), -budget, key=below) + 1
    notes = [line for _, said in steps[: step + 1] for line in said]
    if step == len(steps):
        step -= 1
        size = _html_bytes(steps[step][0], made[step])
        notes.append(_too_large(size, budget, personal=edition.pool is not None))
    return steps[step][0], made[step], step, tuple(notes)


def compile_in(edition: Edition, newsletter: Newsletter, settings: Settings, language: str = "") -> CompiledEdition:
    """The edition drawn in the newsletter's theme, in this language's frame (its own by default), inlined and cut."""
    from digest.render.compile import compile_edition
    from digest.render.draw import Look, finished

    look = Look.of(settings.publication, newsletter, language)
    return compile_edition(finished(edition, look, settings.render.inliner, settings.path(settings.render.themes)))


def _too_large(size: int, budget: int, *, personal: bool) -> str:
    left = "each reader's lowest items are left out" if personal else "with nothing left to shorten"
    return f"The HTML is {size:,} bytes, above the budget of {budget:,}{': ' if personal else ', '}{left}."


def _html_bytes(edition: Edition, compiled: CompiledEdition) -> int:
    """The size of the page that most readers get."""
    from digest.editions.plan import plan
    from digest.render.parts import Parts

    everybody = plan(edition.pool, EVERYTHING) if edition.pool else None
    return Parts(compiled).html_bytes(everybody.blocks) if everybody else compiled.html_bytes
