"""The form to subscribe with: for one newsletter, or for all that are open. Like `home` it waits for nothing, and needs no thread."""

from collections.abc import Collection, Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.newsletter import Newsletter
from digest.web.asked import Mistake
from digest.web.offers import offer, open_newsletters, wording
from digest.web.page import page
from digest.web.reception import Reception, reception_of
from digest.web.speech import language_of
from digest.web.stamp import new_stamp
from subscribers.wording import version


async def for_all(request: Request) -> Response:
    return form_page(request, open_newsletters(reception_of(request).settings))


async def for_one(request: Request) -> Response:
    return form_page(request, _named(request, request.path_params["slug"]))


def mended(request: Request, mistake: Mistake, *, shown: str, ticked: Collection[str], language: str) -> Response:
    """The form again, and what is wrong. Of what was typed nothing is put back: an answer repeats no input."""
    everything = open_newsletters(reception_of(request).settings)
    return form_page(request, _named(request, shown) or everything, mistake=mistake, ticked=ticked, language=language)


def form_page(
    request: Request, offered: Sequence[Newsletter], *, mistake: Mistake | None = None, ticked: Collection[str] = (), language: str = ""
) -> Response:
    """Among several newsletters nothing is ticked beforehand: a yes is a person's own act. Without a newsletter there is no such page."""
    if not offered:
        raise HTTPException(404)
    reception = reception_of(request)
    language = language_of(request, reception.settings.publication.language, language)
    values = _values(reception, offered, language) | {"mistake": mistake, "ticked": set(ticked)}
    answer = page(request, "subscribe.html", values, 400 if mistake else 200, language=language, scripted=True)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _named(request: Request, slug: str) -> tuple[Newsletter, ...]:
    return tuple(newsletter for newsletter in open_newsletters(reception_of(request).settings) if newsletter.slug == slug)


def _values(reception: Reception, offered: Sequence[Newsletter], language: str) -> dict[str, object]:
    settings = reception.settings
    words = wording(offered, language)
    return {
        "offers": [offer(newsletter, language) for newsletter in offered],
        "wording": words.splitlines(),
        "version": version(words),
        "stamp": new_stamp(reception.keys, reception.clock()),
        "bits": settings.pages.limits.proof_of_work,
        "here": f"{settings.pages.url}/subscribe" + (f"/{offered[0].slug}" if len(offered) == 1 else ""),
    }


ROUTES = (Route("/subscribe", for_all, methods=["GET"]), Route("/subscribe/{slug}", for_one, methods=["GET"]))
