"""What the exports of other programs look like, as a table of values: how each is told by its columns, and what they mean.

The names of columns are plain (see `sheet.plain_name`). Sources: the exporting code of listmonk (`cmd/subscribers.go`), Ghost (members CSV) and
MailPoet (`ImportExport/Export`), sample exports of Mailchimp and Substack that other importers are tested with, Buttondown's description of a
subscriber, and WordPress.com's of its list of subscribers.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from subscribers.errors import BadFile

ANY = "*"  # stands for every text of a cell that is not empty
SWITCH_ON, SWITCH_OFF = {"true": "subscribed", "false": "unsubscribed"}, {"true": "unsubscribed", "false": "subscribed"}
FIRST, LAST = ("first name", "firstname", "fname"), ("last name", "lastname", "lname", "surname")


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    name: str  # as an operator writes it
    title: str = ""
    marks: tuple[frozenset[str], ...] = ()  # sets of columns; a file that has all of one is of this format
    columns: Mapping[str, tuple[str, ...]]  # what is taken from which columns: from the first that is not empty
    states: tuple[tuple[str, Mapping[str, str]], ...]  # columns that tell the state, the weightiest first, and what their words mean
    files: Mapping[str, str] = field(default_factory=dict)  # the state that the beginning of a file's name tells
    evidence: tuple[str, ...] = ()  # kept with the consent, with their names
    tags: tuple[str, ...] = ()  # lists of words: each becomes an attribute of its own
    fields: tuple[str, ...] = ()  # JSON objects: each of their fields becomes an attribute
    attributes: tuple[str, ...] = ()  # columns that become attributes as they are
    escape: str | None = None  # what it writes before a quotation mark within a cell
    note: str = ""  # what its file does not say


PLAIN = Format(
    name="plain",
    columns={
        "name": ("name", "full name", "display name", "subscriber name"),
        "first": FIRST,
        "last": LAST,
        "language": ("language", "lang", "locale"),
        "time_zone": ("time zone", "timezone", "tz"),
        "confirmed_at": ("confirmed at", "confirm time", "optin time", "opt in time", "confirmation time", "subscribed at"),
        "left_at": ("unsubscribed at",),
        "origin": ("consent origin", "origin", "source", "signup source"),
        "wording": ("consent wording", "wording"),
        "cadence": ("cadence",),
        "sections": ("sections",),
        "authors": ("authors",),
        "muted_sections": ("muted sections",),
        "muted_authors": ("muted authors",),
        "hour": ("hour",),
    },
    states=(("state", {}), ("status", {}), ("subscription status", {})),
    fields=("attributes",),
)
MAILCHIMP = Format(
    name="mailchimp",
    title="Mailchimp",
    marks=(frozenset({"leid", "euid"}), frozenset({"member rating"}), frozenset({"optin time", "confirm time"})),
    columns={
        "name": ("name", "full name"),
        "first": FIRST,
        "last": LAST,
        "language": ("language", "preferred language"),
        "time_zone": ("timezone",),
        "confirmed_at": ("confirm time", "optin time"),
        "left_at": ("unsub time",),
    },
    states=(
        ("clean time", {ANY: "bounced"}),
        ("unsub reason", {"abuse": "complained", ANY: ""}),
        ("unsub time", {ANY: "unsubscribed"}),
        ("status", {}),
    ),
    files={"cleaned": "bounced", "unsubscribed": "unsubscribed", "nonsubscribed": "never subscribed", "subscribed": "subscribed"},
    evidence=("optin time", "confirm time", "unsub time", "unsub reason", "clean time", "source"),
    tags=("tags",),
    note="Mailchimp gives out three files: take in all of them, so that who left or bounced there stays away here. Their names say which is which.",
)
LISTMONK = Format(
    name="listmonk",
    title="listmonk",
    marks=(frozenset({"uuid", "attributes", "status"}), frozenset({"uuid", "attributes", "created at"})),
    columns={"name": ("name",), "confirmed_at": ("created at",)},
    states=(("status", {}),),
    evidence=("created at", "status"),
    fields=("attributes",),
    note="This file does not say who left a list (knadh/listmonk#2855): export those apart, and import them with --state unsubscribed.",
)
MAILPOET = Format(
    name="mailpoet",
    title="MailPoet",
    marks=(frozenset({"list status"}), frozenset({"global status"}), frozenset({"subscription ip"}), frozenset({"subscription time", "list"})),
    columns={"first": FIRST, "last": LAST, "confirmed_at": ("confirmation time", "subscription time")},
    states=(("global status", {"inactive": "subscribed"}), ("list status", {})),
    evidence=("subscription time", "confirmation time", "list"),
    tags=("tags",),
    escape="\\",
    note="A row for each list a person is on: export the one list that this newsletter continues.",
)
GHOST = Format(
    name="ghost",
    title="Ghost",
    marks=(frozenset({"subscribed to emails"}), frozenset({"complimentary plan", "stripe customer id"})),
    columns={"name": ("name",), "confirmed_at": ("created at",)},
    states=(("deleted at", {ANY: "deleted"}), ("subscribed to emails", SWITCH_ON)),
    evidence=("created at",),
    tags=("labels",),
    attributes=("tiers", "products"),
)
SUBSTACK = Format(
    name="substack",
    title="Substack",
    marks=(frozenset({"active subscription"}), frozenset({"email disabled"}), frozenset({"subscription type", "activity", "subscription date"})),
    columns={"name": ("name",), "first": FIRST, "last": LAST, "confirmed_at": ("created at", "subscription date", "start date")},
    states=(("email disabled", SWITCH_OFF),),
    evidence=("created at", "subscription date", "subscription source free"),
    attributes=("plan", "subscription type"),
    note="The list of the Subscribers page does not say who turned mails off; the email_list file of Settings → Export does.",
)
MAILS = {"not subscribed": "unsubscribed", "not confirmed": "pending"}
JETPACK = Format(
    name="jetpack",
    title="WordPress.com",
    marks=(frozenset({"email subscription"}), frozenset({"date subscribed"}), frozenset({"subscription status", "subscription type"})),
    columns={"name": ("display name", "name"), "confirmed_at": ("date subscribed", "subscription date", "since")},
    states=(("email subscription", MAILS), ("subscription status", MAILS), ("status", MAILS)),
    evidence=("date subscribed", "subscription date", "since"),
    attributes=("subscription type",),
)
TYPES = {
    **dict.fromkeys(("regular", "premium", "trialed", "gifted", "unpaid", "churning", "churned", "past due"), "subscribed"),
    "unactivated": "pending",
    "blocked": "blocklisted",
}
BUTTONDOWN = Format(
    name="buttondown",
    title="Buttondown",
    marks=(
        frozenset({"subscriber type"}),
        frozenset({"creation date", "metadata"}),
        frozenset({"creation date", "type"}),
        frozenset({"creation date", "tags", "notes"}),
    ),
    columns={"name": ("name",), "confirmed_at": ("creation date",), "left_at": ("unsubscription date",)},
    states=(
        ("subscriber type", TYPES),
        ("type", TYPES),
        ("status", TYPES),
        ("undeliverability date", {ANY: "bounced"}),
        ("unsubscription date", {ANY: "unsubscribed"}),
    ),
    evidence=("creation date", "source", "referrer url", "unsubscription date"),
    tags=("tags",),
    fields=("metadata",),
)
FORMATS = {one.name: one for one in (MAILCHIMP, LISTMONK, MAILPOET, GHOST, SUBSTACK, JETPACK, BUTTONDOWN, PLAIN)}


def recognise(names: Collection[str]) -> Format:
    """The format whose marks are all among these columns; of several the one with the most. Plain where there is none."""
    there = frozenset(names)
    found = [(len(mark), one) for one in FORMATS.values() for mark in one.marks if mark <= there]
    return max(found, key=lambda one: one[0])[1] if found else PLAIN


def named(name: str) -> Format:
    if name not in FORMATS:
        raise BadFile(f"There is no format “{name}”; there are {', '.join(FORMATS)}.")
    return FORMATS[name]
