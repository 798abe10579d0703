"""All that is kept of one reader, as a file to hand out (GDPR, article 15)."""

import json

from starlette.requests import Request
from starlette.responses import Response

from digest.accounts.log import write as note
from digest.accounts.roles import Deed
from digest.desk.door.act import Act
from digest.desk.door.visitor import visitor_of
from digest.desk.people.person import shown
from digest.desk.people.readers import PATH, PRIVATE
from digest.desk.studio import studio_of
from digest.dossier import dossier
from digest.web.form import Form
from subscribers.address import parse_address
from subscribers.errors import BadAddress

FILE = "reader.json"  # says nothing of whose it is


def copy(request: Request, form: Form) -> Response:
    studio = studio_of(request)
    try:
        who = parse_address(form.one("address"))
    except BadAddress as error:
        return shown(request, form, refused=str(error))
    told = dossier(studio.engine, who, keys=studio.keys)
    with studio.engine.begin() as connection:
        note(connection, at=studio.clock(), who=visitor_of(request).who, what=Deed.READER, detail={"did": "copied"})
    text = json.dumps(told, indent=2, ensure_ascii=False) + "\n"
    return Response(text, media_type="application/json", headers={**PRIVATE, "Content-Disposition": f'attachment; filename="{FILE}"'})


ROUTES = (Act(f"{PATH}/copy", copy, deed=Deed.READER),)
