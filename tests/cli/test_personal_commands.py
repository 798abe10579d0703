"""What an editor and whoever answers the telephone see of readers' own editions: `digest draft`, `preview`, `why` and `status`."""

import email
import email.policy
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, update

from digest import cli
from digest.deliver import deliver
from digest.delivery.tables import DeliveryRow
from digest.hand_over.mailroom import Mailroom
from digest.publish import publish
from digest.settings import read
from digest.wiring import routes
from subscribers.people import find_reader
from subscribers.wish import Wish
from tests.cli.test_subscribers_commands import closing
from tests.test_deliver import SLOT, fill, settings_for
from tests.test_personal_edition import LOCAL_SLOT, SEA, SKY, follow, reader, set_reader

SETTINGS = """
[publication]
name = "The Lamp"
postal_address = "1 Wick Lane"
url = "https://lamp.example"

[pages]
url = "https://lamp.example/letters"
keys = "a-key"

[database]
url = "{url}"

[delivery]
transport = "folder"
folder = "outbox"

[newsletters.weekly]
title = "Weekly"
from_address = "post@lamp.example"
limits.filler = 0
limits.min_new = 1
"""
AT = ("--at", SLOT.isoformat())
Digest = Callable[..., tuple[str, str]]


@pytest.fixture
def digest(engine: Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Digest:
    """Runs `digest …` and gives what it said on stdout and on stderr. It must end with `code`."""
    settings = tmp_path / "digest.toml"
    settings.write_text(SETTINGS.format(url=database_url))

    def run(*arguments: str, code: int = 0) -> tuple[str, str]:
        monkeypatch.setattr("sys.argv", ["digest", "--config", str(settings), *arguments])
        with closing(), pytest.raises(SystemExit) as end:
            cli.main()
        said = capsys.readouterr()
        assert end.value.code == code, said
        return said.out, said.err

    return run


def test_a_draft_tells_the_plans_of_its_readers(engine: Engine, digest: Digest) -> None:
    fill(engine, articles=14, readers=6)
    follow(engine, SEA, SEA, SKY, Wish(muted_sections=frozenset({"Sea"})), Wish(sections=frozenset({"sea"})))
    said, _ = digest("draft", "weekly", *AT)
    assert "5 readers chose for themselves: 4 wishes, 2 different editions; 1 gets what everybody gets." in said
    assert "Nothing new for 1 reader: they get no mail." in said
    assert [line.split()[0] for line in said.splitlines() if "follow Sea" in line] == ["2"]
    plans = json.loads(digest("draft", "weekly", *AT, "--json")[0])["plans"]
    assert [plans[name] for name in ("everybody", "personal", "wishes", "distinct", "nothing_new")] == [1, 5, 4, 2, 1]
    told = [(one["words"], one["readers"], one["articles"] > 0) for one in plans["commonest"]]
    assert told[0] == ("follow Sea", 2, True)
    assert set(told[1:]) == {("without Sea", 1, True), ("follow Sky", 1, False), ("follow sea", 1, True)}


def test_a_draft_for_readers_who_chose_nothing_says_so_in_a_line(engine: Engine, digest: Digest) -> None:
    fill(engine, readers=3)
    said, _ = digest("draft", "weekly", *AT)
    assert said.rstrip().endswith("3 readers, and nobody follows or mutes anything: all get the same.")


def test_a_reader_s_preview_is_the_very_mail_they_get(engine: Engine, digest: Digest, tmp_path: Path) -> None:
    fill(engine, articles=14, readers=4)
    follow(engine, SEA, Wish(), SKY, Wish(muted_sections=frozenset({"Town"})))
    with engine.begin() as connection:
        set_reader(connection, 0, language="de", name="Ada")
    got = (0, 1, 3)
    for number in got:
        digest("preview", "weekly", *AT, "--reader", reader(number), "--eml", str(tmp_path / f"before{number}"))
    settings = read(tmp_path / "digest.toml", {})
    publish(engine, settings, settings.newsletter("weekly"), SLOT, now=SLOT)
    deliver(Mailroom(engine=engine, settings=settings, routes=routes(settings), keys=settings.keys(), clock=lambda: SLOT))
    follow(engine, SKY, SEA)  # since: what they were queued with holds
    sent = [path.read_bytes() for path in (tmp_path / "outbox").glob("*.eml")]
    mails = {email.message_from_bytes(mail, policy=email.policy.default)["To"].addresses[0].addr_spec: mail for mail in sent}
    assert mails.keys() == {reader(number) for number in got}
    for number in got:
        digest("preview", "weekly", *AT, "--reader", reader(number), "--eml", str(tmp_path / f"after{number}"))
        assert (tmp_path / f"before{number}").read_bytes() == (tmp_path / f"after{number}").read_bytes() == mails[reader(number)]


def test_what_is_printed_holds_nothing_of_a_reader_that_was_not_typed(engine: Engine, digest: Digest) -> None:
    fill(engine, articles=9, readers=1)
    follow(engine, SEA)
    with engine.begin() as connection:
        known = find_reader(connection, "weekly", reader(0))
    assert known is not None
    typed = reader(0).upper()
    said = "".join(digest("preview", "weekly", *AT, "--reader", typed)) + "".join(digest("why", typed, "weekly", code=1))
    assert typed in said
    assert "https://lamp.example/letters/leave/…" in said
    for private in (reader(0), known.subscription_token, known.subscriber_token):
        assert private not in said


def test_an_invented_reader_gets_what_such_a_reader_would(engine: Engine, digest: Digest, tmp_path: Path) -> None:
    fill(engine, articles=14, readers=2)
    follow(engine, SEA)
    invented, real = tmp_path / "invented.html", tmp_path / "real.html"
    _, about = digest("preview", "weekly", *AT, "--sections", "town,sea", "--language", "de", "--zone", "asia/tokyo", "--html", str(invented))
    assert "For a reader (follow Sea and Town; reads de); dated Mon 23 Nov 2026 16:00 (Asia/Tokyo)" in about
    page = invented.read_text()
    assert 'lang="de"' in page and "abbestellen" in page.lower()
    assert "https://lamp.example/1" in page and "https://lamp.example/3" not in page
    digest("preview", "weekly", *AT, "--sections", "Sea", "--html", str(invented))
    digest("preview", "weekly", *AT, "--reader", reader(0), "--html", str(real))
    assert invented.read_text().count("https://lamp.example/2") == real.read_text().count("https://lamp.example/2") > 0


def test_a_wish_for_which_nothing_is_new_ends_with_a_code_of_its_own(engine: Engine, digest: Digest) -> None:
    fill(engine, articles=9, readers=1)
    follow(engine, Wish(sections=frozenset({"News"}), muted_sections=frozenset({"News"})))
    for whom in (("--reader", reader(0)), ("--sections", "Sea", "--mute", "sea")):
        said, error = digest("preview", "weekly", *AT, *whom, code=4)
        assert said == ""
        assert "Nothing new for" in error and "they get no mail" in error


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (("--sections", "Se"), "There is no section “Se”: did you mean “Sea”? There are: News, Sea, Town."),
        (("--mute", "Sea,Zebra"), "There is no section or author “Zebra”. There are: News, Sea, Town."),
        (("--authors", "Ada"), "There is no author “Ada”. None is known"),
        (("--zone", "Tokyo"), "There is no time zone “Tokyo”: did you mean “Asia/Tokyo”?"),
    ],
)
def test_names_that_are_not_there_are_told_with_those_that_are(engine: Engine, digest: Digest, asked: tuple[str, ...], answer: str) -> None:
    fill(engine, articles=9, readers=1)
    _, error = digest("preview", "weekly", *AT, *asked, code=1)
    assert answer in error


def test_a_real_reader_is_not_given_another_choice(engine: Engine, digest: Digest) -> None:
    _, error = digest("preview", "weekly", "--reader", reader(0), "--sections", "Sea", code=2)
    assert "leave --sections" in error


def test_a_language_nobody_has_texts_in_is_told(engine: Engine, digest: Digest) -> None:
    fill(engine, articles=9, readers=1)
    _, about = digest("preview", "weekly", *AT, "--language", "tlh")
    assert "There are no texts in “tlh”" in about


def test_why_is_answered_in_the_first_line_and_for_a_script(engine: Engine, database_url: str, digest: Digest) -> None:
    fill(engine, articles=14, readers=3)
    follow(engine, SEA, SKY)
    digest("send", "weekly", *AT)
    number = json.loads(digest("status", "--json")[0])["editions"][0]["id"]
    said, _ = digest("why", reader(0), str(number))
    assert said.startswith("Yes: it was handed over on ")
    assert "they follow Sea" in said and "Town" not in said
    assert digest("why", reader(1), "weekly")[0].startswith("No: there was nothing new in it for them, by what they follow and mute.\n")
    told = json.loads(digest("why", reader(0), "weekly", "--json")[0])
    assert told["edition"]["number"] == number
    assert told["reader"]["wish"]["sections"] == ["Sea"]
    assert {item["why"] for item in told["reader"]["items"]} == {"they follow Sea"}
    status, _ = digest("status")
    assert "2 accepted, nothing new for 1 reader" in status


@pytest.mark.parametrize(
    ("whom", "what", "answer"),
    [
        ("nobody@example.com", "weekly", "Nobody has this address"),
        (reader(0), "999999", "There is no edition 999999: `digest status` shows the numbers of the last ones."),
        (reader(0), "monthly", "There is no newsletter “monthly” in digest.toml (known: weekly)."),
        ("no address", "weekly", "@"),
    ],
)
def test_why_says_what_it_does_not_know(engine: Engine, digest: Digest, whom: str, what: str, answer: str) -> None:
    fill(engine, articles=9, readers=1)
    digest("send", "weekly", *AT)
    said, error = digest("why", whom, what, code=1)
    assert answer in error
    assert said == ""


def test_status_says_until_when_the_last_is_due(engine: Engine, database_url: str, digest: Digest) -> None:
    fill(engine, readers=2)
    settings = settings_for(database_url)
    publish(engine, settings, settings.newsletter("weekly"), SLOT, now=SLOT, allow_few=True)
    far = datetime(2126, 11, 24, 20, tzinfo=UTC)  # a Sunday
    with engine.begin() as connection:
        connection.execute(update(DeliveryRow).where(DeliveryRow.id == select(func.max(DeliveryRow.id)).scalar_subquery()).values(next_at=far))
    assert "until Sun 20:00 UTC" in digest("status")[0]


def test_a_slot_of_readers_local_time_is_told_by_their_clocks_and_when_it_begins(engine: Engine, digest: Digest, tmp_path: Path) -> None:
    settings = tmp_path / "digest.toml"
    settings.write_text(settings.read_text().replace("limits.filler = 0", 'limits.filler = 0\nlocal_time = true\ntime_zone = "Europe/London"'))
    fill(engine, articles=9, readers=1)
    letter = read(settings, {}).newsletter("weekly")
    publish(engine, read(settings, {}), letter, LOCAL_SLOT, now=LOCAL_SLOT)
    status, _ = digest("status")
    assert "Mon 23 Nov 2026 07:00 local" in status
    assert re.search(r"local: by each reader’s clock, the first from Sun .* 17:00 \(UTC\) on, and so through all time zones\.", status)
    told, _ = digest("why", reader(0), "weekly")
    assert "slot Mon 23 Nov 2026 07:00 local" in told
    assert "by each reader’s clock, the first from Sun 22 Nov 2026 17:00 (UTC) on" in told


def test_a_pause_is_told_as_long_as_it_lasts(engine: Engine, digest: Digest) -> None:
    fill(engine, articles=9, readers=1)
    digest("send", "weekly", *AT)
    for year, shown, why in ((2126, True, ", paused until"), (2026, False, ", was paused until")):
        with engine.begin() as connection:
            set_reader(connection, 0, paused_until=datetime(year, 1, 1, tzinfo=UTC))
        assert ("paused until" in digest("subscribers", "show", reader(0))[0]) is shown
        assert why in digest("why", reader(0), "weekly")[0]
