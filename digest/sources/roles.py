"""Who a writer is to the publication, by the table `roles` of a source's settings."""

from digest.content.values import Role
from digest.settings import Source


def role_of(source: Source, *names: str, default: Role = Role.READER) -> Role:
    """The role declared for the first of `names` (login, display name) that the settings know, in any case; else `default`.

    Authors of articles are asked for with `default=Role.CONTRIBUTOR`. A guest may type any name, a moderator's too: ask only
    for writers that the source knows as its own, and take the default for guests.
    """
    declared = {name.casefold().strip(): role for name, role in source.roles.items()}
    known = (declared[key] for name in names if (key := name.casefold().strip()) in declared)
    return Role(next(known, default))
