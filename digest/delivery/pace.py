"""What the settings say of recipient domains: which of them are one provider, and how much that provider may be given. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from digest.settings import Domain


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """0 is no limit."""

    per_minute: float = 0  # mails
    connections: int = 0  # at once, of all workers together
    messages_per_connection: int = 0


NO_LIMIT = Limit()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """A key is a group's name in the settings, or a domain that is in none. What is kept of a domain is kept under its key."""

    groups: Mapping[str, str]  # domain → its group
    limits: Mapping[str, Limit]  # by group
    paced: frozenset[str]  # the groups that have a limit per minute
    connections: Mapping[str, int]  # at once, of the groups that limit them
    scarce: bool  # whether any group has a limit of connections, or of messages for each

    @classmethod
    def of(cls, domains: Mapping[str, Domain]) -> Self:
        limits = {
            name: Limit(per_minute=one.per_minute, connections=one.connections, messages_per_connection=one.messages_per_connection)
            for name, one in domains.items()
        }
        return cls(
            groups={domain.lower(): name for name, one in domains.items() for domain in one.match},
            limits=limits,
            paced=frozenset(name for name, limit in limits.items() if limit.per_minute),
            connections={name: limit.connections for name, limit in limits.items() if limit.connections},
            scarce=any(limit.connections or limit.messages_per_connection for limit in limits.values()),
        )

    def key(self, domain: str) -> str:
        """`domain` in lower case, as `Claimed.domain` has it."""
        return self.groups.get(domain, domain)

    def limit(self, key: str) -> Limit:
        return self.limits.get(key, NO_LIMIT)
