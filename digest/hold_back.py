"""An edition that the checker found wanting does not go out: where it has a draft, that is held; else its slot stays without. Who releases it has
seen what was found, and for the same it is not held again."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from digest.accounts import log
from digest.accounts.roles import Deed
from digest.editions import store
from digest.editions.values import EditionState
from digest.errors import HeldBack
from digest.newsletter import Newsletter

if TYPE_CHECKING:
    from digest.render.lint import Finding

CHECKER = "the checker"
HELD_FROM = (EditionState.DRAFT, EditionState.APPROVED)
_FIGURES = re.compile(r"\d[\d,.]*")


def hold_back(
    connection: Connection,
    newsletter: Newsletter,
    slot: datetime,
    edition: store.StoredEdition | None,
    *,
    findings: "Sequence[Finding]",
    now: datetime,
) -> store.StoredEdition:
    """The edition, held for what was found. Raises `HeldBack` where there is no draft to hold."""
    if edition is None or edition.state not in HELD_FROM:
        raise HeldBack(_sentence(newsletter, slot, findings))
    reason = f"The checker found what must not go out: {' '.join(finding.what for finding in findings)}"
    store.change_state(connection, edition.id, was=edition.state, becomes=EditionState.HELD, now=now, reason=reason)
    detail = {"reason": reason, "found": sorted(_marks(findings))}
    log.write(connection, at=now, who=CHECKER, what=Deed.HOLD, newsletter=newsletter.slug, edition_id=edition.id, detail=detail)
    return store.get(connection, edition.id)


def was_released(connection: Connection, edition: store.StoredEdition | None, findings: "Sequence[Finding]") -> bool:
    """Whether somebody let the edition go after it was held for all of this."""
    held = (line for line in log.of_edition(connection, edition.id) if line.who == CHECKER) if edition else iter(())
    last = next(held, None)
    known = last.detail.get("found") if last else None
    return isinstance(known, list) and _marks(findings) <= set(known)


def _marks(findings: "Sequence[Finding]") -> set[str]:
    """What was found, but for its figures: sizes change with every new comment."""
    return {f"{finding.rule}: {_FIGURES.sub('#', finding.what)}" for finding in findings}


def _sentence(newsletter: Newsletter, slot: datetime, findings: "Sequence[Finding]") -> str:
    asked = [newsletter.slug, *(["--cadence", f'"{newsletter.cadence}"'] if newsletter.cadence != newsletter.own_cadence else [])]
    named = " ".join([*asked, "--at", f"{slot.astimezone(newsletter.zone):%Y-%m-%dT%H:%M}"])
    lines = "\n".join(f"  • {finding.what} {finding.mend} ({finding.rule})" for finding in findings)
    return (
        f"{newsletter.label}: not published, for the checker found what must not go out.\n{lines}\n"
        f"Mend it; `digest lint {named}` looks again. `digest send {named} --despite-findings` sends it as it is."
    )
