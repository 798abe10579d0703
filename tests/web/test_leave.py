"""Leaving: by one click, by one press, undone, and by nobody who does not hold the link."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, insert, select
from starlette.testclient import TestClient

from digest.delivery.tables import DeliveryRow
from digest.delivery.values import DeliveryState
from digest.settings import Settings, parse
from digest.web.app import application
from digest.web.reception import Reception
from subscribers.address import parse_address
from subscribers.erase import erase
from subscribers.people import Known, history
from subscribers.tables import Consent, Subscription, SubscriptionState
from subscribers.tokens import Purpose, sign
from tests.web.conftest import GIVEN, HOST, KEYS, Clock, Readers
from tests.web.pages import forms, heading, press

CONFIRMED, LEFT = SubscriptionState.CONFIRMED, SubscriptionState.UNSUBSCRIBED
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
KINDS = ("application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "text/plain", "")


def link(known: Known, purpose: Purpose = Purpose.LEAVE) -> str:
    return f"/leave/{sign(purpose, known.subscription_token, KEYS)}"


def mailed(engine: Engine, known: Known, clock: Clock, *, minutes: float) -> None:
    """A mail was handed over to them so long ago."""
    with engine.begin() as connection:
        theirs = select(Subscription.id).where(Subscription.public_id == known.subscription_token)
        row = {"letter": "welcome", "state": DeliveryState.ACCEPTED, "next_at": clock.now, "begun_at": clock.now - timedelta(minutes=minutes)}
        connection.execute(insert(DeliveryRow).values(subscription_id=connection.scalar(theirs), **row))


def acts(engine: Engine, address: str = "ann@example.com") -> list[tuple[str, str]]:
    with engine.begin() as connection:
        return [(record.state.value, record.how) for record in history(connection, parse_address(address))]


class TestOneClick:
    @pytest.mark.parametrize("sent", [{"data": ONE_CLICK}, {"files": {"List-Unsubscribe": (None, "One-Click")}}], ids=["urlencoded", "multipart"])
    def test_leaves_at_once_without_redirect_or_cookie(self, client: TestClient, readers: Readers, sent: dict[str, dict[str, str]]) -> None:
        ann = readers.join()
        answer = client.post(link(ann), **sent)  # type: ignore[arg-type]
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert len(answer.text) < 100
        assert "location" not in answer.headers
        assert "set-cookie" not in answer.headers
        assert readers.state(ann) is LEFT

    def test_said_again_changes_nothing(self, client: TestClient, engine: Engine, readers: Readers) -> None:
        ann = readers.join()
        answers = {client.post(link(ann), data=ONE_CLICK).text for _ in range(3)}
        assert len(answers) == 1
        assert acts(engine) == [("confirmed", "test"), ("unsubscribed", "one-click")]

    def test_works_with_a_slash_at_the_end_and_right_after_the_mail(self, client: TestClient, engine: Engine, readers: Readers, clock: Clock) -> None:
        ann = readers.join()
        mailed(engine, ann, clock, minutes=0)
        assert client.post(link(ann) + "/", data=ONE_CLICK).status_code == 200
        assert readers.state(ann) is LEFT

    def test_leaves_only_the_newsletter_of_the_mail(self, client: TestClient, readers: Readers) -> None:
        weekly, daily = readers.join("weekly"), readers.join("daily")
        client.post(link(weekly), data=ONE_CLICK)
        assert (readers.state(weekly), readers.state(daily)) == (LEFT, CONFIRMED)

    def test_a_link_signed_with_an_older_key_works(self, reception: Reception, readers: Readers) -> None:
        ann = readers.join()
        turned = Reception(engine=reception.engine, settings=reception.settings, keys=["a-newer-key", *KEYS], clock=reception.clock)
        with TestClient(application(turned), base_url=f"https://{HOST}") as client:
            assert client.post(link(ann), data=ONE_CLICK).status_code == 200
        assert readers.state(ann) is LEFT


class TestThePage:
    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    def test_opening_it_changes_nothing(self, client: TestClient, engine: Engine, readers: Readers, method: str) -> None:
        ann = readers.join()
        for address in (link(ann), f"{link(ann)}/stay", f"{link(ann)}/everything", f"{link(ann)}/why"):
            assert client.request(method, address).status_code == 200
        assert acts(engine) == [("confirmed", "test")]

    def test_names_the_newsletter_and_has_one_button(self, client: TestClient, readers: Readers) -> None:
        ann = readers.join()
        html = client.get(link(ann)).text
        assert heading(html) == "Leave “The Saltmarsh Week”?"
        assert list(forms(html)) == [link(ann)]
        assert "ann@" not in html

    def test_before_leaving_a_pause_is_offered(self, client: TestClient, readers: Readers) -> None:
        ann = readers.join()
        own = f"/preferences/{sign(Purpose.PREFERENCES, ann.subscriber_token, KEYS)}"
        assert f'href="{own}"' in client.get(link(ann)).text
        assert f'name="pause-{ann.newsletter}"' in client.get(own).text

    def test_one_press_leaves(self, client: TestClient, engine: Engine, readers: Readers, clock: Clock) -> None:
        ann = readers.join()
        html = client.get(link(ann)).text
        clock.pass_by(seconds=5)
        assert heading(press(client, html)) == "You have left"
        assert acts(engine) == [("confirmed", "test"), ("unsubscribed", "page")]

    def test_a_page_left_open_for_a_year_still_leaves(self, client: TestClient, readers: Readers, clock: Clock) -> None:
        ann = readers.join()
        html = client.get(link(ann)).text
        clock.pass_by(days=366)
        press(client, html)
        assert readers.state(ann) is LEFT

    def test_it_was_a_mistake(self, client: TestClient, readers: Readers, clock: Clock) -> None:
        ann = readers.join()
        html = press(client, client.get(link(ann)).text)
        clock.pass_by(minutes=1)
        assert heading(press(client, html, "/stay")) == "You stay"
        assert readers.state(ann) is CONFIRMED

    def test_an_old_mail_leads_nobody_back(self, client: TestClient, readers: Readers, clock: Clock) -> None:
        ann = readers.join()
        html = press(client, client.get(link(ann)).text)
        clock.pass_by(days=2)
        assert heading(press(client, html, "/stay")) == "You have left"
        assert readers.state(ann) is LEFT
        assert not [action for action in forms(client.get(link(ann)).text) if action.endswith("/stay")]

    def test_a_reason_is_kept_once_and_none_is_forced(self, client: TestClient, engine: Engine, readers: Readers, clock: Clock) -> None:
        ann = readers.join()
        html = press(client, client.get(link(ann)).text)
        clock.pass_by(seconds=30)
        press(client, html, "/why")
        press(client, html, "/why", reason="because I say so")
        assert "Thank you" in press(client, html, "/why", reason="too often")
        press(client, html, "/why", reason="other")
        with engine.begin() as connection:
            said = connection.scalars(select(Consent.wording).where(Consent.wording != "")).all()
        assert said == ["too often"]

    def test_everything_else_is_left_with_one_more_press(self, client: TestClient, readers: Readers) -> None:
        weekly, daily, other = readers.join("weekly"), readers.join("daily"), readers.join("daily", "bo@example.com")
        html = press(client, client.get(link(weekly)).text)
        assert "Low Tide" in html
        html = press(client, html, "/everything")
        assert readers.state(daily) is LEFT
        assert readers.state(other) is CONFIRMED
        assert not [action for action in forms(html) if action.endswith("/everything")]

    def test_a_newsletter_that_is_no_longer_declared_can_be_left(self, reception: Reception, readers: Readers, tmp_path: Path) -> None:
        ann = readers.join()
        fewer = parse({**GIVEN, "newsletters": {}}, folder=tmp_path)
        bare = Reception(engine=reception.engine, settings=fewer, keys=KEYS, clock=reception.clock)
        with TestClient(application(bare), base_url=f"https://{HOST}") as client:
            html = client.get(link(ann)).text
            assert heading(html) == "Leave “Saltmarsh”?"
            press(client, html)
        assert readers.state(ann) is LEFT

    def test_the_links_of_a_page_below_a_path_lie_below_it(self, reception: Reception, readers: Readers, tmp_path: Path) -> None:
        ann = readers.join()
        below = parse({**GIVEN, "pages": {**GIVEN["pages"], "url": f"https://{HOST}/letters"}}, folder=tmp_path)
        with TestClient(
            application(Reception(engine=reception.engine, settings=below, keys=KEYS, clock=reception.clock)), base_url=f"https://{HOST}"
        ) as client:
            for address in (f"/letters{link(ann)}", link(ann)):  # whether or not a proxy takes the path off
                assert list(forms(client.get(address).text)) == [f"/letters{link(ann)}"]


class TestScanners:
    def test_a_press_in_no_time_right_after_the_mail_is_asked_for_again(
        self, client: TestClient, engine: Engine, readers: Readers, clock: Clock
    ) -> None:
        ann = readers.join()
        mailed(engine, ann, clock, minutes=3)
        html = press(client, client.get(link(ann)).text)
        assert heading(html) == "One more press"
        assert readers.state(ann) is CONFIRMED
        assert heading(press(client, html)) == "You have left"
        assert readers.state(ann) is LEFT

    @pytest.mark.parametrize("times", [(3, 2), (11, 0)])
    def test_an_unhurried_press_or_a_later_one_is_believed(
        self, client: TestClient, engine: Engine, readers: Readers, clock: Clock, times: tuple[float, float]
    ) -> None:
        minutes_after_the_mail, seconds_on_the_page = times
        ann = readers.join()
        mailed(engine, ann, clock, minutes=minutes_after_the_mail)
        html = client.get(link(ann)).text
        clock.pass_by(seconds=seconds_on_the_page)
        press(client, html)
        assert readers.state(ann) is LEFT

    @pytest.mark.parametrize("ending", ["", "/everything", "/stay"])
    def test_a_press_without_its_page_is_none(self, client: TestClient, readers: Readers, ending: str) -> None:
        """Nor is one that was made for another reader, or another button."""
        ann, bo = readers.join(), readers.join(address="bo@example.com")
        if ending == "/stay":
            client.post(link(ann), data=ONE_CLICK)
        before = readers.state(ann)
        foreign = forms(client.get(link(bo)).text)[link(bo)]["press"]
        client.post(link(bo), data=ONE_CLICK)
        others = [fields["press"] for fields in forms(client.get(link(bo)).text).values() if "press" in fields]
        for forged in ("", "x", foreign, *others):
            assert client.post(f"{link(ann)}{ending}", data={"press": forged}).status_code == 200
        assert readers.state(ann) is before


class TestForgedLinks:
    def test_one_page_for_all_and_nothing_changes(self, client: TestClient, engine: Engine, readers: Readers) -> None:
        ann = readers.join()
        good = sign(Purpose.LEAVE, ann.subscription_token, KEYS)
        forged = [
            good[:-1],
            good[1:],
            good.replace(".", "."[:0]),
            good[:-1] + ("A" if good[-1] != "A" else "B"),
            good.swapcase(),
            sign(Purpose.VIEW, ann.subscription_token, KEYS),
            sign(Purpose.PREFERENCES, ann.subscriber_token, KEYS),
            sign(Purpose.LEAVE, ann.subscription_token, ["another-key"]),
            ann.subscription_token,
            "%00",
            "%F0%9F%A6%86",
        ]
        answers = {
            (answer.status_code, answer.text)
            for token in forged
            for answer in (client.get(f"/leave/{token}"), client.post(f"/leave/{token}", data=ONE_CLICK))
        }
        assert [status for status, _ in answers] == [404]
        assert acts(engine) == [("confirmed", "test")]

    def test_erased_and_never_there_are_told_the_same(self, client: TestClient, engine: Engine, readers: Readers, clock: Clock) -> None:
        ann = readers.join()
        with engine.begin() as connection:
            erase(connection, parse_address("ann@example.com"), keys=KEYS, now=clock.now)
        never = f"/leave/{sign(Purpose.LEAVE, 'x' * 22, KEYS)}"
        erased, unknown = client.get(link(ann)), client.get(never)
        assert (erased.status_code, heading(erased.text)) == (200, "There is nothing to leave any more")
        assert (unknown.status_code, unknown.text) == (erased.status_code, erased.text)
        for data in ({}, ONE_CLICK):
            first, second = client.post(link(ann), data=data), client.post(never, data=data)
            assert (first.status_code, first.text) == (second.status_code, second.text)
            assert first.status_code == 200

    @hypothesis_settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        body=st.binary(max_size=400), kind=st.sampled_from(["application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "text/plain", ""])
    )
    def test_only_a_one_click_or_a_press_leaves_whatever_is_posted(
        self, client: TestClient, engine: Engine, readers: Readers, body: bytes, kind: str
    ) -> None:
        ann = readers.join()
        answer = client.post(link(ann), content=body, headers={"Content-Type": kind} if kind else {})
        assert answer.status_code in (200, 400)
        assert readers.state(ann) is (LEFT if b"one-click" in body.lower() else CONFIRMED)


def test_the_reader_is_spoken_to_in_their_language(client: TestClient, engine: Engine, readers: Readers, settings: Settings) -> None:
    ann = readers.join()
    german = client.get(link(ann), headers={"Accept-Language": "xx, fr;q=0.2, de-AT;q=0.9"})
    assert german.headers["content-language"] == "de"
    assert '<html lang="de" dir="ltr">' in german.text
    arabic = client.get(link(ann), headers={"Accept-Language": "ar"})
    assert '<html lang="ar" dir="rtl">' in arabic.text
    with engine.begin() as connection:
        assert connection.scalar(select(func.count()).select_from(Consent)) == 1
