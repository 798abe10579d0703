"""The page of an edition: the mail in each of its parts, as anybody, and nothing of a reader's in it."""

import email
import email.policy
import logging
import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from digest.content.values import Image
from digest.desk.mail.frame import AIM
from digest.personal import SAMPLE, addressed
from digest.preview import preview_message
from digest.publish import publish
from subscribers.people import find_reader
from tests.desk.entering import House, press
from tests.desk.showing import PATH, add_article, filled, own_theme
from tests.test_deliver import SLOT

ADDRESS = "reader1@example.com"


@pytest.fixture
def house(engine: Engine, tmp_path: Path) -> House:
    return filled(House(engine=engine, folder=tmp_path, now=SLOT - timedelta(hours=2)))


@pytest.fixture
def client(house: House) -> TestClient:
    return house.local()


def mail(house: House) -> email.message.EmailMessage:
    """The sample reader's, by the program's own preview."""
    letter = house.studio.settings.newsletter("weekly")
    shown = preview_message(house.engine, house.studio.settings, letter, SLOT, SAMPLE, keys=house.studio.keys)
    return email.message_from_bytes(shown.envelope.data, policy=email.policy.default)


def part(message: email.message.EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    content: str = body.get_content()
    return content


@pytest.mark.parametrize("published", [False, True])
def test_a_frame_is_the_preview_but_for_what_is_named(house: House, client: TestClient, published: bool) -> None:
    if published:
        publish(house.engine, house.studio.settings, house.studio.settings.newsletter("weekly"), SLOT, now=SLOT)
    html = part(mail(house), "html")
    frame = client.get(f"{PATH}/frame").text
    assert AIM in frame
    assert "prefers-color-scheme" in html
    dark = html.count("(prefers-color-scheme: dark)")
    assert frame.replace(AIM, "").replace("(max-width: 0)", "(prefers-color-scheme: dark)") == html
    assert client.get(f"{PATH}/frame?colours=dark").text.count("(min-width: 0)") == dark


def test_the_file_is_the_preview_byte_for_byte(house: House, client: TestClient) -> None:
    letter = house.studio.settings.newsletter("weekly")
    shown = preview_message(house.engine, house.studio.settings, letter, SLOT, SAMPLE, keys=house.studio.keys)
    answer = client.get(f"{PATH}/mail.eml")
    assert answer.content == shown.envelope.data
    assert answer.headers["content-disposition"] == 'attachment; filename="weekly-20261123T0700Z.eml"'


def test_each_part_is_shown(house: House, client: TestClient) -> None:
    message = mail(house)
    pages = {name: client.get(f"{PATH}?part={name}") for name in ("seen", "text", "links", "headers", "source")}
    assert {page.status_code for page in pages.values()} == {200}
    assert all(str(message["Subject"]) in unescape(page.text) for page in pages.values())
    assert part(message, "plain").strip() in unescape(pages["text"].text)
    assert str(message["Message-ID"]) in unescape(pages["headers"].text)
    assert "https://lamp.example/1" in pages["links"].text
    assert message["List-Unsubscribe"] in unescape(pages["source"].text).replace("\n ", " ")


def test_a_frame_may_ask_for_the_editions_own_pictures_alone(house: House, client: TestClient) -> None:
    add_article(house, 3, image=Image(url="https://lamp.example/pictures/kettle.jpg?size=1", alt="A kettle", width=600, height=400))
    policy = client.get(f"{PATH}/frame").headers["content-security-policy"]
    assert "img-src https://lamp.example/pictures/kettle.jpg;" in policy
    assert policy.startswith("sandbox; default-src 'none';")
    assert "img-src 'none';" in client.get(f"{PATH}/frame?pictures=off").headers["content-security-policy"]


def test_a_picture_that_only_a_theme_names_is_not_asked_for(house: House, client: TestClient) -> None:
    own_theme(house, "footer.html", '<img src="https://tracker.example/pixel.gif" alt="" width="1" height="1">{{ holes.unsubscribe }}')
    answer = client.get(f"{PATH}/frame")
    assert "tracker.example" in answer.text
    assert "img-src 'none'" in answer.headers["content-security-policy"]


def test_a_subscriber_is_looked_as_without_anything_of_theirs(house: House, client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with house.engine.begin() as connection:
        known = find_reader(connection, "weekly", ADDRESS)
    assert known is not None
    theirs = preview_message(
        house.engine, house.studio.settings, house.studio.settings.newsletter("weekly"), SLOT, addressed(known), keys=house.studio.keys
    )
    own = set(re.findall(rb"lantern.example/(?:leave|preferences)/([\w.~=-]+)", theirs.envelope.data.replace(b"=\r\n", b"")))
    with caplog.at_level(logging.DEBUG):
        answer = press(client, PATH, f"{PATH}/as", {"address": ADDRESS})
        assert answer.status_code == 303
        where = answer.headers["location"]
        query = where.partition("?")[2]
        paths = [
            where,
            f"{PATH}/frame?{query}",
            f"{PATH}/mail.eml?{query}",
            *(f"{where}&part={name}" for name in ("text", "links", "headers", "source")),
        ]
        seen = [client.get(path) for path in paths]
    assert {one.status_code for one in seen} == {200}
    everything = "".join(one.text for one in seen) + where + caplog.text
    secrets = {ADDRESS, "reader1", known.subscription_token, known.subscriber_token, *(token.decode() for token in own)}
    assert len(secrets) >= 6
    assert [secret for secret in secrets if secret in everything] == []


def test_a_subscriber_is_known_only_to_whoever_named_them(house: House, client: TestClient) -> None:
    where = press(client, PATH, f"{PATH}/as", {"address": ADDRESS}).headers["location"]
    assert "a subscriber you named" in client.get(where).text
    guest = where.partition("guest=")[2]
    assert house.studio.guests.find(guest, "somebody else", house.now) is None
    house.wait(hours=5)
    assert "not remembered any more" in client.get(where).text


@pytest.mark.parametrize(("address", "said"), [("nobody@example.com", "does not get “weekly”"), ("no address", "does not look like an e-mail")])
def test_who_is_no_subscriber_is_told_so(client: TestClient, address: str, said: str) -> None:
    answer = press(client, PATH, f"{PATH}/as", {"address": address})
    assert said in unescape(answer.text)
    assert address not in answer.text


def test_an_invented_reader_gets_what_they_follow(client: TestClient) -> None:
    everybody, follower = client.get(f"{PATH}/frame").text, client.get(f"{PATH}/frame?sections=Sea").text
    assert follower.count("https://lamp.example/") < everybody.count("https://lamp.example/")
    assert "reads fr" in client.get(f"{PATH}?language=fr").text
    assert 'lang="fr"' in client.get(f"{PATH}/frame?language=fr").text


def test_a_name_that_is_not_known_is_a_sentence_with_a_way_back(client: TestClient) -> None:
    answer = client.get(f"{PATH}?sections=Mountains")
    assert answer.status_code == 200
    assert "There is no section “Mountains”" in unescape(answer.text)
    assert client.get(f"{PATH}/frame?sections=Mountains").status_code == 404


def test_a_broken_theme_is_a_sentence_and_the_page_lives(house: House, client: TestClient) -> None:
    own_theme(house, "footer.html", "{{ look.colour }}")
    answer = client.get(PATH)
    assert answer.status_code == 200
    assert "footer.html" in answer.text
    own_theme(house, "footer.html", "{{ holes.unsubscribe }}")
    assert "footer.html" not in client.get(PATH).text


def test_a_segment_shows_one_of_its_members_without_a_name(house: House) -> None:
    house.file.write_text(house.file.read_text() + '\n[segments.all]\ndomains = ["example.com"]\n')
    client = house.local()
    assert "somebody in “all”" in unescape(client.get(f"{PATH}?segment=all").text)
    assert "reader0" not in client.get(f"{PATH}?segment=all&part=source").text
    assert "no segment" in unescape(client.get(f"{PATH}?segment=none").text)


def test_another_day_is_found_by_the_newsletters_clocks(client: TestClient) -> None:
    assert client.get("/edition/weekly/weekly?at=2026-11-30T07:00").headers["location"] == "/edition/weekly/weekly/20261130T0700Z"
    assert client.get("/edition/weekly/weekly?at=soon").status_code == 404
    assert client.get("/edition/weekly/weekly?at=0001-01-01T00:00").status_code == 404


@pytest.mark.parametrize("path", ["/edition/none/weekly/20261123T0700Z", "/edition/weekly/never/20261123T0700Z", "/edition/weekly/weekly/20261123"])
def test_what_is_not_declared_is_not_found(client: TestClient, path: str) -> None:
    assert [client.get(path + ending).status_code for ending in ("", "/frame", "/mail.eml", "/events")] == [404] * 4
