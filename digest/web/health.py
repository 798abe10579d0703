"""/healthz: whether the pages can do their work, for whoever watches over the machine."""

from sqlalchemy import Engine
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from digest.errors import DatabaseError
from digest.web.reception import reception_of


def health(request: Request) -> Response:
    """200 when the database answers, else 503."""
    if answers(reception_of(request).engine):
        return PlainTextResponse("ok")
    return PlainTextResponse("the database does not answer", 503)


def answers(engine: Engine) -> bool:
    """Whether the database can be read. Outside of a transaction: on SQLite one of ours would wait for whoever is writing."""
    try:
        connection = engine.raw_connection()
        try:
            connection.cursor().execute("SELECT 1 FROM subscribers WHERE 1 = 0")
        finally:
            connection.close()
    except (engine.dialect.loaded_dbapi.Error, DatabaseError, NoConnectionLeft):
        return False
    return True


ROUTES = (Route("/healthz", health),)
