"""What a reader chose of one newsletter, changed for them: as on their own page, and only what was changed on this one."""

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from digest.accounts.roles import Deed
from digest.adjust import Done, adjust
from digest.desk.door.act import Act
from digest.desk.people.person import doing
from digest.desk.people.readers import PATH
from digest.desk.studio import Studio, studio_of
from digest.newer import newer_choice
from digest.offered import plain, unlimited
from digest.preferences import WEEKS
from digest.revise import subscription_of
from digest.web.choosing import said_choice, shown_choice
from digest.web.form import Form
from subscribers.address import Address

PAUSES = {str(weeks): weeks for weeks in (0, *WEEKS)}
SAID = {Done.CHOSEN: "What they chose is changed.", Done.PAUSED: "Nothing comes until the pause is over.", Done.RESUMED: "It goes on."}


def choose(request: Request, form: Form) -> Response:
    slug = form.one("newsletter")
    if slug not in studio_of(request).settings.newsletters:
        raise HTTPException(400)
    return doing(request, form, "chose", _choose, newsletter=slug)


def _choose(connection: Connection, studio: Studio, who: Address, form: Form) -> str:
    newsletter = studio.settings.newsletter(form.one("newsletter"))
    one = subscription_of(connection, who, newsletter.slug)
    had = shown_choice(form, newsletter)
    choice = unlimited(newsletter, newer_choice(plain(newsletter, one.choice), had, said_choice(form, newsletter, had)))
    done = adjust(connection, newsletter, one, choice, PAUSES.get(form.one("pause")), now=studio.clock(), by_operator=True)
    return " ".join(SAID[change.done] for change in done)


ROUTES = (Act(f"{PATH}/choose", choose, deed=Deed.READER),)
