"""One address entered fifty times at once, at the real commands: one person, one letter."""

import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier
from urllib.parse import urlencode

from sqlalchemy import func, select

from digest.delivery.tables import DeliveryRow
from digest.settings import read
from digest.wiring import open_database_of
from subscribers.tables import SignUp, Subscriber, Subscription
from tests.journeys.letterbox import Letterbox
from tests.journeys.paper import Publication, configure, over_smtp, serving
from tests.journeys.test_pages import ended, port_of

AT_ONCE = 50
ADDRESS = "ann@example.org"


def ask(port: int, method: str, path: str, number: int, form: str = "") -> tuple[int, str]:
    """From a network of its own, as the web server in front says."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"X-Forwarded-For": f"203.0.113.{number}", "Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    connection.request(method, path, form or None, headers)
    answer = connection.getresponse()
    found = answer.status, answer.read().decode()
    connection.close()
    return found


def crowd(ports: list[int]) -> set[tuple[int, str]]:
    """Each has fetched a form of their own; all send it in the same moment. Half of them through each process, if there are two."""
    barrier = Barrier(AT_ONCE)

    def one(number: int) -> tuple[int, str]:
        port = ports[number % len(ports)]
        stamp = json.loads(ask(port, "GET", "/stamp", number)[1])["stamp"]
        form = urlencode({"email": ADDRESS, "newsletters": "weekly", "stamp": stamp, "language": "en"})
        barrier.wait(60)
        return ask(port, "POST", "/subscribe", number, form)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return set(pool.map(one, range(AT_ONCE)))


def test_fifty_forms_with_one_address_are_one_person_and_one_letter(publication_on_both: Publication) -> None:
    """On SQLite by one process, on PostgreSQL by two."""
    publication = publication_on_both
    settings = read(publication.folder / "digest.toml", {})
    with ExitStack() as stack:
        letterbox = stack.enter_context(serving(Letterbox()))
        over_smtp(publication, letterbox)
        configure(publication, '[letters]\nfrom_address = "hello@thelanternquay.example"')
        configure(publication, "[pages.limits]\nminimum_seconds = 0")
        publication.run("db", "upgrade")
        engine = open_database_of(settings)
        number = 2 if engine.dialect.name == "postgresql" else 1
        processes = [publication.start("serve", "--listen", "127.0.0.1:0") for _ in range(number)]
        answers = crowd([port_of(process) for process in processes])
        assert {status for status, _ in answers} == {200}
        assert len(answers) == 1
        letterbox.mail(ADDRESS, 1)
        for process in processes:
            assert ADDRESS not in ended(process)
        publication.run("work", "--until-empty")
        assert letterbox.counts == {ADDRESS: 1}
        with engine.begin() as connection:
            counted = [connection.scalar(select(func.count()).select_from(table)) for table in (Subscriber, Subscription, DeliveryRow, SignUp)]
        assert counted == [1, 1, 1, 0]
        engine.dispose()
