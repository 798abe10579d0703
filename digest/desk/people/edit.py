"""What is known of a reader is put right: name, language, time zone, address and attributes. Only what was changed on the page."""

from collections.abc import Mapping

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from digest.accounts.roles import Deed
from digest.desk.door.act import Act
from digest.desk.people.person import doing, shown
from digest.desk.people.readers import PATH
from digest.desk.studio import Studio
from digest.errors import DigestError
from digest.web.form import Form
from subscribers.address import Address
from subscribers.attributes import parse_attribute
from subscribers.edit import Changes
from subscribers.edit import edit as put_right
from subscribers.lists.cells import Cells
from subscribers.lists.entry import parse_entry
from subscribers.lists.sheet import Problem

KNOWN = ("name", "language", "time_zone")


def edit(request: Request, form: Form) -> Response:
    moved: list[Address] = []

    def do(connection: Connection, studio: Studio, who: Address, form: Form) -> str:
        changes = _changes(who, form)
        changed = put_right(connection, who, changes, keys=studio.keys)
        if changes.address is not None:
            moved.append(changes.address)
        names = [column.replace("_", " ") for column in changed if column not in ("address_key", "address_hash")]
        return f"Changed: {', '.join(names)}." if names else ""

    answer = doing(request, form, "edited", do)
    return shown(request, form, done="Changed, and the address is new.", address=moved[0]) if moved and answer.status_code == 200 else answer


def _changes(who: Address, form: Form) -> Changes:
    """Raises `DigestError` for what cannot be kept."""
    given = {name: form.one(name) for name in KNOWN if form.one(name) != form.one(f"had-{name}")}
    new = form.one("new") if form.one("new") not in ("", who.address) else ""
    entry = parse_entry(Cells(line=1, cells={"address": new or who.address, **given}))
    if isinstance(entry, Problem):
        raise DigestError(f"Not changed: {entry.text.removesuffix('.')}.")
    said, had = _attributes(form.one("attributes")), _attributes(form.one("had-attributes"))
    return Changes(
        **{name: getattr(entry.person, name) for name in given},
        address=entry.person.address if new else None,
        attributes={key: said.get(key, "") for key in {*said, *had} if said.get(key) != had.get(key)},
    )


def _attributes(text: str) -> Mapping[str, str]:
    """A line each, key=value."""
    return dict(parse_attribute(line.strip()) for line in text.splitlines() if line.strip())


ROUTES = (Act(f"{PATH}/edit", edit, deed=Deed.READER),)
