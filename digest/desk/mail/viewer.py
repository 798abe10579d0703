"""Through whose eyes a mail is looked at, as an address says it. Nothing of a real reader's is in it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from urllib.parse import urlencode

from starlette.requests import Request

CHARACTERS = 500  # of one wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """A guest (see `guests`), or somebody in a segment, or one who does not exist and follows `sections` and `authors`, leaves out what is in `mute`,
    reads `language` and lives in `zone`. All empty: a reader who chose nothing."""

    guest: str = ""
    segment: str = ""
    sections: str = ""
    authors: str = ""
    mute: str = ""
    language: str = ""
    zone: str = ""

    @classmethod
    def of(cls, request: Request) -> "Viewer":
        asked = request.query_params
        return cls(**{name: asked.get(name, "").strip()[:CHARACTERS] for name in cls.__dataclass_fields__})

    @property
    def query(self) -> dict[str, str]:
        """What an address says of it."""
        return {name: value for name, value in asdict(self).items() if value}

    @property
    def invention(self) -> dict[str, str]:
        """What is to be invented; empty values left out."""
        return {name: value for name, value in self.query.items() if name not in ("guest", "segment")}


def with_query(path: str, *queries: Mapping[str, str]) -> str:
    """The path with all that is said in these; what is empty is left out, and the last word counts."""
    said = {name: value for query in queries for name, value in query.items()}
    said = {name: value for name, value in said.items() if value}
    return f"{path}?{urlencode(said)}" if said else path
