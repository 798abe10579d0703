"""What the publisher does not want to hear of is left out, and the gravest comes first."""

from collections.abc import Collection, Iterable

from digest.render.lint.finding import Finding

FIRM = frozenset({"template.left", "text.empty", "links.leave", "size.cut", "footer.address"})


def settled(findings: Iterable[Finding], ignored: Collection[str]) -> tuple[Finding, ...]:
    """Without the rules named in `ignored`, by their id or the part of the mail; those that no mail may break are never left out."""
    kept = [one for one in findings if one.rule in FIRM or not {one.rule, one.where}.intersection(ignored)]
    return tuple(sorted(kept, key=lambda one: -one.level.weight))
