"""Who is not written to any more: suppressed, lifted, and erased for good. The last two are asked about first."""

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from digest.accounts.roles import Deed
from digest.desk.door.act import Act
from digest.desk.door.visitor import visitor_of
from digest.desk.people.person import REASONS, asked, doing
from digest.desk.people.readers import PATH
from digest.desk.studio import Studio, studio_of
from digest.lifting import WARNINGS
from digest.web.form import Form
from subscribers.address import Address, parse_address
from subscribers.erase import erase as forget
from subscribers.errors import BadAddress
from subscribers.suppression import lift as take_off
from subscribers.suppression import listed
from subscribers.suppression import suppress as bar
from subscribers.tables import SuppressionReason

NOTE_CHARACTERS = 500
ERASE = "Person, subscriptions and consents go for good. Only a keyed hash of the address stays, so that no list brings them back."


def suppress(request: Request, form: Form) -> Response:
    if form.one("reason") not in REASONS:
        raise HTTPException(400)
    by = visitor_of(request).who

    def do(connection: Connection, studio: Studio, who: Address, form: Form) -> str:
        words = form.one("note")[:NOTE_CHARACTERS] or f"by {by}"
        bar(connection, who, reason=SuppressionReason(form.one("reason")), keys=studio.keys, now=studio.clock(), note=words)
        return "Suppressed: nothing is sent to this address any more."

    return doing(request, form, "suppressed", do)


def lift(request: Request, form: Form) -> Response:
    studio = studio_of(request)
    if not form.one("sure"):
        with studio.reads.begin() as connection:
            found = listed(connection, _address(form), keys=studio.keys)
        if found is not None:
            return asked(request, form, heading="Take it off the list?", words=WARNINGS[found.reason], button="Take it off")
    return doing(request, form, "lifted", _lift)


def erase(request: Request, form: Form) -> Response:
    if not form.one("sure"):
        return asked(request, form, heading="Erase this reader?", words=ERASE, button="Erase for good", grave=True)
    return doing(request, form, "erased", _erase)


def _lift(connection: Connection, studio: Studio, who: Address, form: Form) -> str:
    return "Lifted: whoever is confirmed gets mail again." if take_off(connection, who, keys=studio.keys) else ""


def _erase(connection: Connection, studio: Studio, who: Address, form: Form) -> str:
    there = forget(connection, who, keys=studio.keys, now=studio.clock(), note="desk")
    return "Erased, and suppressed for good." if there else "Nobody had this address. It is suppressed for good all the same."


def _address(form: Form) -> Address:
    try:
        return parse_address(form.one("address"))
    except BadAddress as error:
        raise HTTPException(400) from error


ROUTES = (
    Act(f"{PATH}/suppress", suppress, deed=Deed.READER),
    Act(f"{PATH}/lift", lift, deed=Deed.READER),
    Act(f"{PATH}/erase", erase, deed=Deed.READER),
)
