"""`digest.toml` is replaced as a whole, by one that was found good, and never over somebody else's change."""

import os
import threading
from pathlib import Path

import pytest

from digest.errors import DigestError, FileChanged, SettingsError
from digest.settings import read
from digest.settings_file import keep, set_outside, written

FRESHNESS = ("newsletters", "weekly", "articles", "freshness")
TEXT = """# Ours.
[newsletters.weekly]
title = "The week"           # of Saltmarsh
from_address = "week@saltmarsh.example"

[newsletters.weekly.articles]
freshness = 0.2              # as in spring
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "digest.toml"
    path.write_bytes(TEXT.encode())
    return path


def test_a_value_is_kept_and_the_settings_are_as_they_are_then(file: Path) -> None:
    file.chmod(0o640)

    settings = keep(file, {FRESHNESS: 0.9}, seen=written(file).seen, environment={})

    assert file.read_text() == TEXT.replace("0.2 ", "0.9 ")
    assert settings.newsletters["weekly"].articles.freshness == read(file, {}).newsletters["weekly"].articles.freshness == 0.9
    assert file.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in file.parent.iterdir()] == ["digest.toml"]


def test_the_mark_of_other_editors_stays(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())

    keep(file, {FRESHNESS: 0.9}, seen=written(file).seen, environment={})

    assert file.read_bytes() == b"\xef\xbb\xbf" + TEXT.replace("0.2 ", "0.9 ").replace("\n", "\r\n").encode()


def test_a_link_to_the_file_stays_a_link(file: Path) -> None:
    real = file.rename(file.with_name("real.toml"))
    file.symlink_to(real)

    keep(file, {FRESHNESS: 0.9}, seen=written(file).seen, environment={})

    assert file.is_symlink()
    assert "0.9" in real.read_text()


def test_somebody_elses_change_is_not_written_over(file: Path) -> None:
    seen = written(file).seen
    file.write_text(TEXT + "image = 1\n")

    with pytest.raises(FileChanged):
        keep(file, {FRESHNESS: 0.9}, seen=seen, environment={})

    assert file.read_text() == TEXT + "image = 1\n"


@pytest.mark.parametrize("value", [-1, "much"])
def test_a_value_that_is_no_good_is_not_written(file: Path, value: float | str) -> None:
    with pytest.raises(SettingsError, match=r"newsletters\.weekly\.articles\.decay"):
        keep(file, {(*FRESHNESS[:-1], "decay"): value}, seen=written(file).seen, environment={})

    assert file.read_text() == TEXT


def test_a_file_that_is_broken_already_is_left_alone(file: Path) -> None:
    file.write_text(TEXT + "this is no TOML\n")

    with pytest.raises(SettingsError):
        keep(file, {FRESHNESS: 0.9}, seen=written(file).seen, environment={})

    assert file.read_text() == TEXT + "this is no TOML\n"


def test_no_file_is_made_up(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        keep(tmp_path / "digest.toml", {FRESHNESS: 0.9}, seen="", environment={})

    assert list(tmp_path.iterdir()) == []


def test_of_many_at_once_one_writes_and_the_others_are_told(file: Path) -> None:
    seen, told = written(file).seen, list[str]()

    def one(number: int) -> None:
        try:
            keep(file, {FRESHNESS: number / 10}, seen=seen, environment={})
            told.append("kept")
        except DigestError as error:
            told.append(type(error).__name__)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(3, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(told) == ["FileChanged"] * 5 + ["kept"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_may_not_be_written_to(file: Path) -> None:
    file.parent.chmod(0o555)
    try:
        with pytest.raises(SettingsError, match="cannot be written"):
            keep(file, {FRESHNESS: 0.9}, seen=written(file).seen, environment={})
    finally:
        file.parent.chmod(0o755)


def test_what_the_environment_says_is_named() -> None:
    environment = {"DIGEST_NEWSLETTERS__THE_WEEK__ARTICLES__FRESHNESS": "0.4", "DIGEST_DATABASE__URL": "sqlite://"}

    assert set_outside(("newsletters", "the-week", "articles", "freshness"), environment) == "DIGEST_NEWSLETTERS__THE_WEEK__ARTICLES__FRESHNESS"
    assert set_outside(("newsletters", "the-week", "articles", "image"), environment) == ""
