"""What `digest status` says of editions on their way: how fast, how long still, who hands them over, and what is in the way."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from rich.markup import escape

from digest.cli.console import moment, out, table_of
from digest.delivery.letters import LetterStand
from digest.stand import Crew, EditionStand, Progress

PATIENCE = timedelta(minutes=1)


def show_progress(stands: Iterable[EditionStand], zone: str, now: datetime) -> None:
    table = table_of("Under way", "Newsletter", "Slot", "Rate", "Time left", "Oldest waits for", "")
    held = table_of("Held, until `digest edition resume`", "Newsletter", "Slot", "Domain", "Since", "Code", "Its words")
    for stand in stands:
        name = (stand.edition.newsletter, moment(stand.edition.slot, zone))
        if stand.progress:
            table.add_row(*name, *_progress(stand.progress, now))
        for one in stand.held:
            held.add_row(*name, escape(one.domain), moment(one.at, zone), str(one.code or "–"), escape(one.text))
    for each in (table, held):
        if each.row_count:
            out.print(each)


def show_letters(stand: LetterStand, now: datetime) -> None:
    """A line, where there is anything to say."""
    parts = [
        (stand.waiting - stand.deferred, "waiting", ""),
        (stand.deferred, "deferred", "yellow"),
        (stand.sending, "under way", ""),
        (stand.refused, "refused in the last week", "red"),
        (stand.unknown, "unknown", "red"),
    ]
    shown = [f"[{style}]{number:,} {words}[/]" if style else f"{number:,} {words}" for number, words, style in parts if number]
    if not shown:
        return
    late = now - stand.waiting_since if stand.waiting_since else timedelta()
    # A lane looks every second: whatever is due for longer waits because none is open, or none can send.
    hint = f"; the oldest for {span(late)}: is `digest run`, `work` or `serve` running, and what says `digest check`?" if late > PATIENCE else ""
    out.print(f"Letters to new readers: {', '.join(shown)}{hint}")


def show_crew(crew: Crew, zone: str) -> None:
    workers = table_of("Workers", "Command", "Host", "Process", "Since", "Rate", "Handed over", "")
    for one in crew.workers:
        worker = one.worker
        place = (worker.kind, escape(worker.host), str(worker.pid), moment(one.started_at, zone))
        workers.add_row(*place, f"{one.per_second:,.1f}/s", f"{one.handed_over:,}", "leads" if one.leads else "")
    relays = table_of("Relays left alone", "Relay", "Until", "Failures", "Its words")
    for relay in crew.relays:
        relays.add_row(escape(relay.name), moment(relay.until, zone), str(relay.strikes), escape(relay.reason))
    domains = table_of("Domains that get less", "Domain", "Since", "Slowed", "Its words")
    for domain in crew.domains:
        domains.add_row(escape(domain.name), moment(domain.since, zone), f"{domain.strikes}×", escape(domain.reason))
    for table in (workers, relays, domains):
        if table.row_count:
            out.print(table)


def _progress(progress: Progress, now: datetime) -> tuple[str, str, str, str]:
    left = span(timedelta(seconds=progress.seconds_left)) if progress.seconds_left is not None else "–"
    waits = span(now - progress.waiting_since) if progress.waiting_since else "–"
    idle = "nobody hands over" if progress.waiting_since or progress.seconds_left is None else "nothing is due yet"
    return (f"{progress.per_second:,.1f}/s" if progress.per_second else idle, left, waits, _until(progress.until, now))


def _until(last: datetime | None, now: datetime) -> str:
    """In UTC, for it is about readers of many zones; the day only where that is not today."""
    if last is None:
        return ""
    at, today = last.astimezone(UTC), now.astimezone(UTC).date()
    return f"until {at:%H:%M} UTC" if at.date() == today else f"until {at:%a} {at:%H:%M} UTC"


def span(length: timedelta) -> str:
    """12 s, 4 min, 3 h 20 min, 2 d 4 h: as exact as one wants to know it."""
    minutes, seconds = divmod(round(length.total_seconds()), 60)
    if minutes < 1:
        return f"{seconds} s"
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 24 else f"{hours // 24} d {hours % 24} h"
