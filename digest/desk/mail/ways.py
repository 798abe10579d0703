"""The ways to look at a mail: on which device, in which colours, with pictures or without, or one of its other parts. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from digest.desk.mail.viewer import with_query

Query = Mapping[str, str]

PARTS = {"seen": "As it arrives", "text": "Plain text", "links": "Links", "headers": "Headers", "source": "Source"}
CHOICES: Mapping[str, Mapping[str, str]] = {
    "device": {"both": "Both", "desktop": "Desktop", "phone": "Phone"},
    "colours": {"light": "Light", "dark": "Dark", "both": "Both"},
    "pictures": {"on": "Shown", "off": "Off"},
}  # the first of each is taken where none is named
TITLES = {"device": "Device", "colours": "Colours", "pictures": "Pictures"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A link among a few; `here`: it leads to where we are."""

    title: str
    path: str
    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One frame to show: its address, on which device and in which colours."""

    path: str
    device: str
    colours: str

    @property
    def title(self) -> str:
        return f"{self.device.capitalize()}, {self.colours}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """How a mail is looked at. `said` is what the address says of the viewer, to be said again in every link."""

    path: str
    said: Query
    part: str
    chosen: Query

    @classmethod
    def of(cls, path: str, said: Query, asked: Query) -> "Ways":
        """What is not one of the ways there are counts as not asked for."""
        chosen = {name: asked[name] if asked.get(name) in ways else next(iter(ways)) for name, ways in CHOICES.items()}
        return cls(path=path, said=said, part=asked["part"] if asked.get("part") in PARTS else "seen", chosen=chosen)

    @property
    def kept(self) -> Query:
        """What was chosen, without what is so by itself."""
        return {name: way for name, way in self.chosen.items() if way != next(iter(CHOICES[name]))}

    @property
    def parts(self) -> tuple[Way, ...]:
        return tuple(
            Way(title=title, path=with_query(self.path, self.said, self.kept, {"part": part if part != "seen" else ""}), here=part == self.part)
            for part, title in PARTS.items()
        )

    @property
    def choices(self) -> dict[str, tuple[Way, ...]]:
        """By the title of what is chosen."""
        return {TITLES[name]: tuple(self._way(name, way, title) for way, title in ways.items()) for name, ways in CHOICES.items()}

    def frames(self, version: str) -> tuple[Frame, ...]:
        """Those to show; `version` is new whenever the mail is, so that a browser keeps a frame that stayed the same."""
        devices = ("desktop", "phone") if self.chosen["device"] == "both" else (self.chosen["device"],)
        schemes = ("light", "dark") if self.chosen["colours"] == "both" else (self.chosen["colours"],)
        pictures = {"pictures": "off"} if self.chosen["pictures"] == "off" else {}
        return tuple(
            Frame(path=with_query(f"{self.path}/frame", self.said, pictures, {"colours": scheme, "v": version}), device=device, colours=scheme)
            for scheme, device in product(schemes, devices)
        )

    def _way(self, name: str, way: str, title: str) -> Way:
        value = "" if way == next(iter(CHOICES[name])) else way
        return Way(title=title, path=with_query(self.path, self.said, {**self.kept, name: value}), here=self.chosen[name] == way)
