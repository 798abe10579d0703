"""Two addresses of one reader become one person; before that it shows what would become of each newsletter."""

from starlette.requests import Request
from starlette.responses import Response

from digest.accounts.log import write as note
from digest.accounts.roles import Deed
from digest.desk.door.act import Act
from digest.desk.door.visitor import visitor_of
from digest.desk.people.person import asked, shown
from digest.desk.people.readers import PATH
from digest.desk.studio import studio_of
from digest.merge import merge as make_one
from digest.merge import preview
from digest.web.form import Form
from subscribers.address import parse_address
from subscribers.errors import SubscribersError
from subscribers.stronger import because


def merge(request: Request, form: Form) -> Response:
    """The address of the page goes, `into` stays."""
    studio = studio_of(request)
    try:
        goes, stays = parse_address(form.one("address")), parse_address(form.one("into"))
        if not form.one("sure"):
            would = preview(studio.engine, goes, stays)
            words = [(word.newsletter, word.state, "only the address that goes has it") for word in would.moved]
            words += [(pair.stays.newsletter, pair.stays.state, because(pair)) for pair in would.pairs]
            return asked(
                request, form, heading="Make one person of the two?", goes=goes.address, stays=stays.address, becomes=words, button="Make them one"
            )
        make_one(studio.engine, goes, stays, keys=studio.keys, now=studio.clock(), shut=bool(form.one("shut")))
    except SubscribersError as error:
        return shown(request, form, refused=str(error))
    with studio.engine.begin() as connection:
        note(connection, at=studio.clock(), who=visitor_of(request).who, what=Deed.READER, detail={"did": "merged"})
    return shown(request, form, done="They are one person now.", address=stays)


ROUTES = (Act(f"{PATH}/merge", merge, deed=Deed.READER),)
