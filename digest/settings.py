"""`digest.toml`, environment and secret files, read once into a frozen `Settings`.

Order of strength: environment (`DIGEST_DATABASE__URL`, two underscores between levels) before file. A secret may be given
as itself in the environment, or as a file's name in the key ending in `_file`; never put one into `digest.toml`.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, model_validator

from digest.errors import SettingsError, UnknownNewsletter, UnknownSegment
from digest.fields import Line, Section, Slug
from digest.mistakes import mistakes
from digest.newsletter import Newsletter
from digest.publication import Desk, Letters, Pages, Publication
from digest.segments import Segment, unknown_names

FILE = "digest.toml"
PREFIX = "DIGEST_"


class Database(Section):
    url: str = "sqlite:///digest.db"


class Fetch(Section):
    """The limits of everything that is fetched from outside."""

    timeout_seconds: float = Field(default=30, gt=0, description="for the whole of one answer")
    maximum_bytes: int = Field(default=20_000_000, ge=1_000, description="after decompression")
    maximum_redirects: int = Field(default=5, ge=0, le=20)
    allow_private: tuple[str, ...] = ()  # host names, addresses or networks that may lie inside
    user_agent: Line = "digest (newsletter builder)"


class Source(Section):
    """Where content comes from."""

    kind: Literal["wordpress", "wxr", "feed"]
    url: Line = ""
    file: str = ""
    user: Line = ""
    password: SecretStr = SecretStr("")
    password_file: str = ""
    section: Line = ""  # for articles that name none
    comments: bool = True  # for a feed: also read each item's comment feed
    roles: dict[str, Literal["staff", "contributor", "moderator", "reader"]] = {}  # display name or login → role
    window_days: int = Field(default=31, ge=1, description="how far back comments are read again for edits and removals")


class Smtp(Section):
    """A relay: where it is, and how much it may be given."""

    host: Line = "localhost"
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    ca_file: str = ""
    user: Line = ""
    password: SecretStr = SecretStr("")
    password_file: str = ""
    timeout_seconds: float = Field(default=30, gt=0)
    answer_seconds: float = Field(default=300, gt=0, description="for the answer to a whole message: RFC 5321 asks for patience there")
    messages_per_connection: int = Field(default=100, ge=1)
    connections: int = Field(default=0, ge=0, le=100, description="0: as [delivery] says")
    weight: float = Field(default=1, gt=0, description="its share of the mails, beside other relays")
    per_minute: float = Field(default=0, ge=0, description="mails; 0: no limit")
    warm_up: tuple[Annotated[int, Field(ge=1)], ...] = Field(default=(), description="mails on its first day, its second …; then no limit")


class Domain(Section):
    """The pace for one or several recipient domains that are one provider."""

    match: tuple[Line, ...] = Field(description="gmail.com, googlemail.com …", min_length=1)
    per_minute: float = Field(default=0, ge=0, description="mails; 0: no limit")
    connections: int = Field(default=0, ge=0, description="at once; 0: no limit")
    messages_per_connection: int = Field(default=0, ge=0, description="0: no limit")


class Dkim(Section):
    """A key that signs every mail. Without one signing is left to the relay."""

    selector: Line
    domain: Line = ""  # empty: that of the newsletter's from_address
    key_file: str = ""
    key: SecretStr = SecretStr("")


class Delivery(Section):
    transport: Literal["folder", "smtp"] = "folder"
    folder: str = "outbox"
    bounce_address: Line = ""  # the envelope sender; empty: the newsletter's own address
    unsubscribe_mailbox: Line = ""  # adds a mailto: way to leave, once something reads that mailbox
    connections: int = Field(default=10, ge=1, le=100)
    batch: int = Field(default=500, ge=1, le=10_000, description="claimed at a time by a worker, at most")
    lease_seconds: int = Field(default=60, ge=1)
    retry_minutes: tuple[float, ...] = (2, 10, 30, 60, 120, 240)
    give_up_hours: float = Field(default=48, gt=0)
    pause_after_refusals: int = Field(default=50, ge=0, description="in a row; 0: never")
    smtp: Smtp = Smtp()
    relays: dict[Slug, Smtp] = {}  # instead of `smtp`, where there are several
    domains: dict[Slug, Domain] = {}
    dkim: tuple[Dkim, ...] = ()

    @property
    def smtp_relays(self) -> dict[str, Smtp]:
        """The relays by name: those of `relays`, or the one of `smtp`."""
        return dict(self.relays) or {"smtp": self.smtp}


class Render(Section):
    """How the page becomes a mail. `fast` is css-inline (pip install 'newsletter-digest[fast]'), some forty times quicker than premailer."""

    inliner: Literal["premailer", "fast"] = "premailer"
    themes: str = "themes"  # a folder of your own themes; what one lacks is lent by classic


class Run(Section):
    """The rhythm of `digest run`, and who tells workers what there is to deliver."""

    engine: Literal["embedded", "procrastinate"] = "embedded"  # embedded: each worker looks for itself
    sync_minutes: float = Field(default=10, gt=0)
    deliver_seconds: float = Field(default=15, gt=0, description="how often the queue is looked at for retries")


class Cluster(Section):
    """Workers on several machines, with `engine = "procrastinate"`."""

    heartbeat_seconds: float = Field(default=10, gt=0, description="a worker that misses three is taken for dead")
    sweep_seconds: int = Field(default=15, ge=1, le=59, description="how often jobs that were lost, or died with their worker, are made good")
    readers_per_job: int = Field(default=5_000, ge=1, description="an edition has a job for so many, 32 at most: that many processes share it")


class Settings(Section):
    publication: Publication = Publication()
    pages: Pages = Pages()
    letters: Letters = Letters()
    desk: Desk = Desk()
    database: Database = Database()
    fetch: Fetch = Fetch()
    sources: dict[Slug, Source] = {}
    newsletters: dict[Slug, Newsletter] = {}
    segments: dict[Slug, Segment] = {}
    render: Render = Render()
    delivery: Delivery = Delivery()
    run: Run = Run()
    cluster: Cluster = Cluster()
    folder: Path = Path()  # where digest.toml lies: relative files are looked up from here

    @model_validator(mode="after")
    def _names_are_declared(self) -> "Settings":
        if unknown := list(unknown_names(self.segments, self.newsletters)):
            raise ValueError("\n  ".join(unknown))
        return self

    def segment(self, name: str) -> Segment:
        if name not in self.segments:
            raise UnknownSegment(name, sorted(self.segments))
        return self.segments[name]

    def newsletter(self, slug: str, cadence: str | None = None) -> Newsletter:
        """In its own cadence, or in that one. Raises `UnknownNewsletter` and `UnknownCadence`."""
        if slug not in self.newsletters:
            raise UnknownNewsletter(slug, sorted(self.newsletters))
        return self.newsletters[slug].at(cadence) if cadence else self.newsletters[slug]

    def path(self, name: str) -> Path:
        """A file named in the settings: relative names are meant from the settings' own folder."""
        return self.folder / Path(name).expanduser()

    def keys(self) -> list[str]:
        """The signing keys, newest first: the first signs, all of them are accepted. Empty when there is none yet."""
        given = self.pages.keys.get_secret_value()
        file = self.pages.keys_file
        if not given and self.path(file).is_file():
            given = self._text("signing key", file)
        return [key.strip() for key in given.replace(",", "\n").splitlines() if key.strip()]

    def secret(self, value: SecretStr, file: str) -> str:
        """A password, from the environment or from its file; empty when there is none."""
        if value.get_secret_value() or not file:
            return value.get_secret_value()
        return self._text("password", file).strip()

    def _text(self, what: str, file: str) -> str:
        try:
            return self.path(file).read_text(encoding="utf-8")
        except OSError as error:
            raise SettingsError(f"The {what} file {file} cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise SettingsError(f"The {what} file {file} holds no text: is it the right file?") from error


def read(path: Path, environment: Mapping[str, str]) -> Settings:
    """The settings of the file at `path`. A missing file, broken TOML, or a wrong or unknown key is a `SettingsError`."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise SettingsError(f"There is no {path}: run `digest init` to write one, or name it with --config.") from error
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{path} is not saved as UTF-8 (look at line {line}): save it again with that encoding.") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}. Texts stand in quotation marks, and no table or key comes twice.") from error
    return parse(overlay(given, environment), folder=path.parent, name=str(path))


def parse(given: dict[str, Any], *, folder: Path, name: str = FILE) -> Settings:
    letters = given.get("newsletters", {})
    publication = given.get("publication", {})
    if isinstance(letters, dict):
        inherited = {key: publication[key] for key in ("language", "time_zone") if isinstance(publication, dict) and key in publication}
        letters = {slug: {**inherited, **one, "slug": slug} if isinstance(one, dict) else one for slug, one in letters.items()}
        given = {**given, "newsletters": letters}
    try:
        return Settings.model_validate({**given, "folder": folder})
    except ValidationError as error:
        problems = "\n".join(f"  {line}" for line in mistakes(error, Settings))
        raise SettingsError(f"{name} has to be mended:\n{problems}") from error


def overlay(given: dict[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """Environment over file: DIGEST_DELIVERY__SMTP__PORT=25 is [delivery.smtp] port. Only names that lead somewhere count."""
    merged = given
    for name in sorted(environment):
        if name.startswith(PREFIX) and "__" in name:
            path = name.removeprefix(PREFIX).lower().split("__")
            if path[0] in Settings.model_fields:
                merged = _put(merged, path, environment[name])
    return merged


def _put(tree: dict[str, Any], path: list[str], value: str) -> dict[str, Any]:
    head, *rest = path
    # Slugs may hold a hyphen, which the name of an environment variable may not.
    key = next((known for known in tree if known.replace("-", "_") == head), head)
    if not rest:
        return {**tree, key: value}
    below = tree.get(key, {})
    if isinstance(below, list) and rest[0].isdigit():  # DIGEST_DELIVERY__DKIM__0__KEY: the first of a list, counted as the error texts do
        numbered = {str(number): one for number, one in enumerate(below)}
        return {**tree, key: list(_put(numbered, rest, value).values())}
    return {**tree, key: _put(below if isinstance(below, dict) else {}, rest, value)}
