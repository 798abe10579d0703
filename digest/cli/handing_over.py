"""Handing over at the terminal: letters, then editions with a progress bar, rate and time left, and how each stands afterwards."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from zoneinfo import ZoneInfo

from rich.markup import escape
from sqlalchemy import Engine

from digest.cli.console import err, moment, out, progress
from digest.deliver import Delivered, deliver, new_shift
from digest.delivery.tally import tally as tally_of
from digest.delivery.values import Outcome, Tally
from digest.editions import store
from digest.errors import DigestError
from digest.hand_over.mailroom import Mailroom
from digest.lane import Lane
from digest.post import post
from digest.settings import Settings
from digest.wiring import clock, routes, signing_keys

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stopping() -> Iterator[threading.Event]:
    """Set by the first Ctrl-C or SIGTERM: the message under way is finished and settled; a second one ends at once.

    A thread waits for the signals. A handler would run in the midst of whatever the main thread is doing, and setting an event that the main
    thread is just waiting for would then wait for ever.
    """
    stop, over = threading.Event(), threading.Event()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    watcher = threading.Thread(target=_watch, args=(stop, over), daemon=True, name="signals")
    watcher.start()
    try:
        yield stop
    finally:
        over.set()
        with suppress(ProcessLookupError):
            signal.pthread_kill(watcher.ident or 0, signal.SIGTERM)
        watcher.join()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _watch(stop: threading.Event, over: threading.Event) -> None:
    while True:
        number = signal.sigwait(SIGNALS)
        if over.is_set():
            return
        if stop.is_set():
            os._exit(128 + number)
        err.print("Stopping after the mails under way …")
        stop.set()


def mailroom(
    engine: Engine, settings: Settings, kind: str, stop: threading.Event, handed_over: Callable[[Outcome], None] = lambda outcome: None
) -> Mailroom:
    return Mailroom(
        engine=engine,
        settings=settings,
        routes=routes(settings),
        keys=signing_keys(settings),
        clock=clock,
        kind=kind,
        stop=stop,
        handed_over=handed_over,
    )


def hand_over(engine: Engine, settings: Settings, kind: str, edition_ids: frozenset[int] | None = None) -> tuple[Delivered, ...]:
    """Hands over what is due now, with a progress bar on a terminal, and letters beside it. Ctrl-C stops cleanly."""
    with stopping() as stop, progress() as bar:
        with engine.begin() as connection:
            ids = [edition.id for edition in store.sending(connection) if edition_ids is None or edition.id in edition_ids]
            waiting = sum(tally_of(connection, edition_id).queued for edition_id in ids)
        task = bar.add_task("Handing over", total=waiting) if bar else None

        def count(outcome: Outcome) -> None:
            if bar and task is not None:
                bar.advance(task)

        with new_shift(room := mailroom(engine, settings, kind, stop, count)) as shift, Lane(room, shift):
            return deliver(room, edition_ids, shift=shift)


def hand_over_letters(engine: Engine, settings: Settings, kind: str) -> None:
    """Hands over the letters that are due, and nothing else. What keeps them from leaving is told, and keeps nobody from going on."""
    with stopping() as stop, new_shift(room := mailroom(engine, settings, kind, stop)) as shift:
        try:
            post(room, shift)
        except DigestError as error:
            err.print(f"[red]Letters wait: {escape(str(error))}[/]")


def tally_text(tally: Tally) -> str:
    """60 accepted, 2 refused …: only what is there."""
    parts = [
        (tally.accepted, "accepted", ""),
        (tally.refused, "refused", "red"),
        (tally.unknown, "unknown", "red"),
        (tally.held, "held", "red"),
        (tally.skipped, "skipped (left or suppressed)", ""),
        (tally.cancelled, "cancelled", ""),
        (tally.deferred, "deferred", "yellow"),
        (tally.queued - tally.deferred, "queued", ""),
        (tally.sending, "under way", ""),
    ]
    shown = [f"[{style}]{number:,} {word}[/]" if style else f"{number:,} {word}" for number, word, style in parts if number]
    return ", ".join(shown) or "no readers"


def tally_as_json(tally: Tally) -> dict[str, int]:
    return {**asdict(tally), "total": tally.total}


def show_stand(stand: Delivered, zone: ZoneInfo | str) -> None:
    edition = stand.edition
    out.print(f"[bold]{escape(edition.newsletter)}[/] {moment(edition.slot, zone)}: {edition.state} · {tally_text(stand.tally)}")
    if edition.subject:
        out.print(f"  “{escape(edition.subject)}”")
    if stand.tally.unknown:
        out.print("  [red]unknown[/] means handed over, with the answer never learnt: `digest status --unknown` lists them; they are not sent again.")
    if stand.tally.held:
        out.print("  [red]held[/] means that their domain refuses you as a sender: `digest status` says why, `digest edition resume` lets them go.")
    if stand.next_at:
        out.print(f"  next try {moment(stand.next_at, zone)}: by `digest run`, `digest work` or the next `digest send --due`")
    if edition.reason:
        out.print(f"  {escape(edition.reason)}")
    if stand.failure:
        out.print(f"  [red]{escape(stand.failure)}[/]")


def in_part(stands: tuple[Delivered, ...]) -> bool:
    """Whether anything is left that a person or a later run has to see to."""
    return any(stand.failure or stand.tally.open or stand.tally.refused or stand.tally.unknown for stand in stands)


def stand_as_json(stand: Delivered) -> dict[str, object]:
    return {
        "newsletter": stand.edition.newsletter,
        "slot": stand.edition.slot,
        "state": stand.edition.state,
        "subject": stand.edition.subject,
        "reason": stand.edition.reason,
        "deliveries": tally_as_json(stand.tally),
        "next_at": stand.next_at,
        "failure": stand.failure,
    }
