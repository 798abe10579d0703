"""A newsletter in several cadences: what `digest.toml` may say, and what each cadence then is."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from digest.errors import SettingsError, UnknownCadence
from digest.newsletter import Newsletter
from digest.settings import parse

CADENCES: dict[str, Any] = {
    "monthly": {"schedule": "0 7 1 * *", "limits": {"articles": 20}},
    "every article": {"every_article": True, "articles": {"grace_minutes": 5}},
    "daily": {"schedule": "0 7 * * 1-5", "limits": {"min_new": 1}},
}


def weekly(cadences: dict[str, Any] | None = None, **said: Any) -> Newsletter:
    own = {"title": "Weekly", "from_address": "news@lantern.example", "limits": {"articles": 7, "top_comments": 1}, **said}
    letters = {"weekly": {**own, "cadences": CADENCES if cadences is None else cadences}}
    return parse({"newsletters": letters}, folder=Path()).newsletter("weekly")


def test_in_its_own_cadence_it_is_itself() -> None:
    ours = weekly()
    assert ours.at("weekly") is ours
    assert (ours.own_cadence, ours.cadence_names) == ("weekly", ("weekly", "monthly", "every article", "daily"))


def test_in_another_cadence_only_what_its_tables_say_differs() -> None:
    ours = weekly()
    daily = ours.at("daily")
    assert (daily.cadence, daily.schedule, daily.own_cadence, daily.cadence_names) == ("daily", "0 7 * * 1-5", "weekly", ours.cadence_names)
    assert (daily.limits.min_new, daily.limits.articles, daily.limits.top_comments) == (1, 7, 1)
    assert (ours.at("monthly").limits.articles, ours.at("monthly").limits.min_new) == (20, 3)
    assert (daily.slug, daily.title, daily.zone) == (ours.slug, ours.title, ours.zone)
    assert daily.at("weekly") is ours
    assert daily.at("monthly") == ours.at("monthly")


def test_every_article_looks_often_and_needs_but_one() -> None:
    fast = weekly().at("every article")
    assert (fast.schedule, fast.every_article, fast.limits.min_new, fast.articles.grace_minutes) == ("*/10 * * * *", True, 1, 5)
    slower = weekly({"fast": {"every_article": True, "schedule": "0 * * * *", "limits": {"min_new": 2}}}).at("fast")
    assert (slower.schedule, slower.limits.min_new) == ("0 * * * *", 2)
    assert weekly({}, every_article=True, cadence="every article").schedule == "*/10 * * * *"


def test_a_rare_cadence_looks_back_as_far_as_its_slots_lie_apart() -> None:
    rare = {"quarterly": {"schedule": "0 7 1 */3 *"}, "short": {"schedule": "0 7 1 */3 *", "articles": {"maximum_age_days": 40}}}
    assert weekly(rare).at("quarterly").articles.maximum_age_days == 93
    assert weekly(rare).at("short").articles.maximum_age_days == 40
    assert weekly().at("monthly").articles.maximum_age_days == 32
    assert weekly().at("daily").articles.maximum_age_days == 31


def test_a_reader_gets_what_they_chose_if_there_is_such_a_cadence() -> None:
    ours = weekly()
    assert [ours.cadence_of(chosen) for chosen in ("daily", "weekly", "", "hourly")] == ["daily", "weekly", "weekly", "weekly"]
    assert ours.at("daily").cadence_of("") == "weekly"


def test_an_unknown_cadence_is_named_with_those_there_are() -> None:
    with pytest.raises(UnknownCadence, match=r"“weekly” has no cadence “hourly” in digest.toml \(known: weekly, monthly, every article, daily\)"):
        weekly().at("hourly")


def test_an_edition_of_a_cadence_that_is_gone_keeps_its_name() -> None:
    gone = weekly().of_edition("hourly")
    assert (gone.cadence, gone.own_cadence, gone.schedule) == ("hourly", "weekly", weekly().schedule)
    assert weekly().at("daily").of_edition("daily") == weekly().at("daily")


def test_less_often_is_the_next_rarer_one_that_is_offered() -> None:
    ours = weekly()
    assert [ours.rarer_than(name) for name in ("every article", "daily", "weekly", "monthly")] == ["daily", "weekly", "monthly", None]
    some = weekly(sign_up={"cadences": ["weekly", "every article"]})
    assert [some.rarer_than(name) for name in ("every article", "daily", "weekly", "monthly")] == ["weekly", "weekly", None, None]
    assert ours.rarer_than("gone") is None
    odd = weekly({"sometimes": {"schedule": "0 0 29 2 *"}, "now and then": {"schedule": "0 9 1,15 * *"}})
    assert [odd.rarer_than(name) for name in ("weekly", "now and then", "sometimes")] == ["now and then", "sometimes", None]
    assert odd.at("now and then").distance > timedelta(days=14)


def test_all_that_is_declared_is_offered_unless_the_pages_offer_less() -> None:
    assert weekly().offered_cadences == ("weekly", "monthly", "every article", "daily")
    assert weekly(sign_up={"cadences": ["monthly", "weekly"]}).offered_cadences == ("monthly", "weekly")


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"cadences": {"daily": {}}}, "newsletters.weekly.cadences.daily.schedule: is missing"),
        ({"cadences": {"daily": {"schedule": "daily"}}}, "“daily” is no cron expression"),
        ({"cadences": {"daily": {"schedule": "0 7 * * *", "limit": {}}}}, "cadences.daily.limit: no such key; did you mean “limits”?"),
        ({"cadences": {"weekly": {"schedule": "0 7 * * *"}}}, "“weekly” is its own already"),
        ({"cadences": {" daily": {"schedule": "0 7 * * *"}}}, "must not begin or end with a space"),
        ({"cadences": {"d" * 41: {"schedule": "0 7 * * *"}}}, "at most 40 characters"),
        ({"cadences": {"Weekly!": {"schedule": "0 7 * * *"}}}, "“Weekly!” needs Latin letters or digits that no other has"),
        ({"cadences": {"ежедневно": {"schedule": "0 7 * * *"}}}, "“ежедневно” needs Latin letters or digits"),
        (
            {"cadences": {}, "sign_up": {"cadences": ["weekly", "daily"]}},
            "there is no “daily” (known: weekly); declare it in [newsletters.weekly.cadences]",
        ),
    ],
)
def test_what_is_wrong_is_said(said: dict[str, Any], complaint: str) -> None:
    with pytest.raises(SettingsError) as raised:
        weekly(**said)
    assert complaint in str(raised.value)
