"""The table of editions that stand, and what becomes of each."""

from collections.abc import Iterable

from rich.markup import escape
from rich.table import Table

from digest.cli.console import table_of
from digest.review.fate import Fate
from digest.settings import Settings
from digest.slot_told import declared, slot_told


def standing_table(settings: Settings, fates: Iterable[Fate]) -> Table:
    zone = settings.publication.time_zone
    table = table_of("Editions that stand", "No.", "Newsletter", "Slot", "State", "What becomes of it")
    for fate in fates:
        edition = fate.edition
        letter = declared(settings, edition.newsletter, edition.cadence)
        name = letter.label if letter else edition.newsletter
        table.add_row(str(edition.id), escape(name), slot_told(letter, edition.slot, zone), edition.state.value, escape(fate.words(zone)))
    return table
