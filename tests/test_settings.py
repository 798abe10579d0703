"""digest.toml is read once, checked, and a mistake in it is named with what was probably meant."""

from pathlib import Path

import pytest

from digest.errors import SettingsError, UnknownNewsletter
from digest.settings import read

GOOD = """
[publication]
name = "The Lantern"
time_zone = "Europe/London"
language = "de"

[sources.main-site]
kind = "feed"
url = "https://lantern.example/feed"

[newsletters.weekly]
title = "The Weekly Lantern"
from_address = "news@lantern.example"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "digest.toml"
    path.write_text(text)
    return path


def complaint(folder: Path, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read(write(folder, text), {})
    return str(caught.value)


def test_a_newsletter_takes_over_the_publications_zone_and_language(tmp_path: Path) -> None:
    letter = read(write(tmp_path, GOOD), {}).newsletter("weekly")
    assert (letter.slug, letter.time_zone, letter.language) == ("weekly", "Europe/London", "de")


def test_a_bom_does_no_harm(tmp_path: Path) -> None:
    assert read(write(tmp_path, "\ufeff" + GOOD), {}).publication.name == "The Lantern"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GOOD + 'from_adress = "x@y.example"\n', "newsletters.weekly.from_adress: no such key; did you mean “from_address”?"),
        (GOOD + "[newsletters.weekly.limits]\nartciles = 3\n", "newsletters.weekly.limits.artciles: no such key; did you mean “articles”?"),
        (GOOD + "[delivrey]\n", "delivrey: no such key; did you mean “delivery”?"),
        (GOOD + "[delivery.smtp]\nprot = 25\n", "delivery.smtp.prot: no such key; did you mean “port”?"),
        (GOOD + '[fetch]\ntimeout_seconds = "soon"\n', "fetch.timeout_seconds: Input should be a valid number"),
        (GOOD + '[publication.colours]\naccent = "teal"\n', "publication.colours.accent: “teal” is no colour; write it as #rrggbb"),
        ("[newsletters.weekly\n", "is not valid TOML"),
        (GOOD + 'schedule = "0 7 * * 9"\n', "is no cron expression"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in complaint(tmp_path, text)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="digest init"):
        read(tmp_path / "digest.toml", {})


def test_environment_is_stronger_than_the_file(tmp_path: Path) -> None:
    settings = read(
        write(tmp_path, GOOD),
        {"DIGEST_DATABASE__URL": "sqlite:///other.db", "DIGEST_DELIVERY__SMTP__PORT": "2525", "DIGEST_SOURCES__MAIN_SITE__PASSWORD": "abcd efgh"},
    )
    assert settings.database.url == "sqlite:///other.db"
    assert settings.delivery.smtp.port == 2525
    assert settings.sources["main-site"].password.get_secret_value() == "abcd efgh"
    assert "abcd" not in repr(settings)


def test_keys_come_from_the_file_newest_first(tmp_path: Path) -> None:
    (tmp_path / "digest.key").write_text("newer\nolder\n")
    assert read(write(tmp_path, GOOD), {}).keys() == ["newer", "older"]
    assert read(write(tmp_path, GOOD), {"DIGEST_PAGES__KEYS": "a,b"}).keys() == ["a", "b"]


def test_a_password_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    settings = read(write(tmp_path, GOOD + '[delivery.smtp]\npassword_file = "gone"\n'), {})
    with pytest.raises(SettingsError, match="gone"):
        settings.secret(settings.delivery.smtp.password, settings.delivery.smtp.password_file)


def test_an_unknown_newsletter_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UnknownNewsletter, match=r"“weakly”.*known: weekly"):
        read(write(tmp_path, GOOD), {}).newsletter("weakly")
