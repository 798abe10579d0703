"""/static/…: the desk's styles and scripts, each named by its own hash, so that a browser asks for it once."""

import hashlib
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.render.folders import templates_folder

FOREVER = "public, max-age=31536000, immutable"
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def folder() -> Path:
    return templates_folder() / "desk"


def static_path(name: str) -> str:
    """The path of `style.css`, `desk.js` …, below the desk's root; a changed file has another one."""
    stem, _, kind = name.rpartition(".")
    return f"/static/{stem}-{_hash((folder() / name).read_bytes())}.{kind}"


def static(request: Request) -> Response:
    """The file as it is now; only by its own name it is kept for good."""
    stem, _, rest = request.path_params["name"].rpartition("-")
    kind = Path(rest).suffix
    file = folder() / f"{stem}{kind}"
    if kind not in KINDS or file.parent != folder() or not file.is_file():
        raise HTTPException(404)
    content = file.read_bytes()
    kept = FOREVER if rest == f"{_hash(content)}{kind}" else "no-cache"
    return Response(content, media_type=KINDS[kind], headers={"Cache-Control": kept})


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


ROUTES = (Route("/static/{name}", static),)
