"""The whole line on the invented paper: sync from a real feed and an export file, choose, draw, queue, and deliver every mail."""

import csv
import email
import email.policy
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import as_file, files
from pathlib import Path

from sqlalchemy import Engine

from digest.database import upgrade
from digest.deliver import Delivered, deliver
from digest.delivery.values import Outcome
from digest.demo.site import served
from digest.editions.record import from_json
from digest.editions.store import load_choice
from digest.editions.values import Choice
from digest.errors import DigestError
from digest.hand_over.mailroom import Mailroom
from digest.publish import Published, publish
from digest.settings import Settings, read
from digest.sources.http import Client
from digest.sources.sync import Report, sync
from digest.wiring import open_database_of, routes, signing_keys
from subscribers.lists.intake import Plan
from subscribers.lists.transfer import import_rows
from subscribers.tables import SubscriptionState

NEWSLETTER = "weekly"
# The paper's own Monday morning. A fixed clock makes every demo the same, byte for byte.
CLOCK = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
MARK = ".digest-demo"  # only a folder that a demo made is ever cleared


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a demo made, and where."""

    folder: Path
    reports: tuple[Report, ...]
    readers: int
    published: Published
    choice: Choice
    delivered: Delivered
    html_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stocked:
    """The paper before its edition: what came in, and how many readers."""

    settings: Settings
    engine: Engine
    reports: tuple[Report, ...]
    readers: int


def show(
    folder: Path,
    *,
    smtp: tuple[str, int] | None = None,
    step: Callable[[str], None],
    handed_over: Callable[[Outcome], None] = lambda outcome: None,
) -> Shown:
    """Makes `folder` anew and runs the whole line in it. With `smtp`, mails go to that server, without TLS; else into `folder`/outbox."""
    stocked = stock(folder, smtp=smtp, step=step)
    settings, engine = stocked.settings, stocked.engine
    step("Choosing, drawing, queueing")
    published = publish(engine, settings, settings.newsletter(NEWSLETTER), CLOCK, now=CLOCK)
    step("Handing over")
    delivered = _deliver(engine, settings, handed_over)
    with engine.begin() as connection:
        choice = from_json(load_choice(connection, published.edition.id))
    return Shown(
        folder=folder,
        reports=stocked.reports,
        readers=stocked.readers,
        published=published,
        choice=choice,
        delivered=delivered,
        html_bytes=0 if smtp else _viewing_copy(folder),
    )


def stock(folder: Path, *, smtp: tuple[str, int] | None = None, step: Callable[[str], None]) -> Stocked:
    """Makes `folder` anew, with all that came in before the edition of `CLOCK`, and the readers."""
    _lay_out(folder)
    settings = _settings(folder, smtp)
    engine = open_database_of(settings)
    upgrade(engine)
    step("Syncing the paper's export and the guest columns' feed")
    with served(folder) as address, Client(settings.fetch) as client:
        reports = sync(engine, _over_http(settings, address), client=client, now=CLOCK)
    step("Importing its readers")
    with (folder / "readers.csv").open("rb") as file:
        plan = Plan(newsletter=NEWSLETTER, state=SubscriptionState.CONFIRMED, origin="readers.csv")
        readers = import_rows(engine, file, plan, keys=signing_keys(settings), now=CLOCK, on_problem=lambda problem: step(problem.text)).added
    return Stocked(settings=settings, engine=engine, reports=reports, readers=readers)


def _lay_out(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).is_file():
            raise DigestError(f"{folder} holds something that is not a demo: name another folder with --folder.")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()
    with as_file(files("digest.demo")) as data:
        for name in ("digest.toml", "harbour.xml", "columns.json", "readers.csv"):
            shutil.copyfile(data / name, folder / name)
        shutil.copytree(data / "images", folder / "images")
    # The key of a demo protects nothing, so it may be the same everywhere; a real one is made by `digest init`.
    (folder / "digest.key").write_text("the-demo-key-protects-nothing\n")


def _settings(folder: Path, smtp: tuple[str, int] | None) -> Settings:
    settings = read(folder / "digest.toml", {})
    if smtp is None:
        return settings
    server = settings.delivery.smtp.model_copy(update={"host": smtp[0], "port": smtp[1], "security": "none"})
    return settings.model_copy(update={"delivery": settings.delivery.model_copy(update={"transport": "smtp", "smtp": server})})


def _over_http(settings: Settings, address: str) -> Settings:
    """The feed is fetched as any feed is, for as long as the demo serves it; afterwards digest.toml reads the same file from disk."""
    columns = settings.sources["columns"]
    fetched = columns.model_copy(update={"url": f"{address}/{columns.file}", "file": ""})
    return settings.model_copy(update={"sources": {**settings.sources, "columns": fetched}})


def _deliver(engine: Engine, settings: Settings, handed_over: Callable[[Outcome], None]) -> Delivered:
    room = Mailroom(
        engine=engine,
        settings=settings,
        routes=routes(settings),
        keys=signing_keys(settings),
        clock=lambda: CLOCK,
        handed_over=handed_over,
    )
    return deliver(room)[0]


def _viewing_copy(folder: Path) -> int:
    """The first reader's HTML and text beside the outbox, for a browser. The pictures come from the folder: their site does not exist."""
    with (folder / "readers.csv").open(encoding="utf-8", newline="") as file:
        first = next(csv.DictReader(file))["email"]
    mails = (email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in (folder / "outbox").glob("*.eml"))
    message = next(mail for mail in mails if first in mail["To"])
    html, text = message.get_body(("html",)), message.get_body(("plain",))
    if html is None or text is None:
        raise DigestError("The demo's mail has no two parts.")
    page: str = html.get_content()
    site = read(folder / "digest.toml", {}).publication.url
    (folder / "mail.html").write_text(page.replace(f"{site}/images/", "images/"), encoding="utf-8")
    (folder / "mail.txt").write_text(text.get_content(), encoding="utf-8")
    return len(page.encode())
