"""A publication's own theme files: which there are, and how they are written without anybody losing anything."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import FileChanged, TemplateError
from digest.render.folders import templates_folder
from digest.settings import Settings, parse
from digest.themes.checking import look_over
from digest.themes.files import NEW, Theme, file_of, files_of, themes
from digest.themes.writing import begin, give_up, keep

CLASSIC = templates_folder() / "editions" / "classic"


def settings_in(folder: Path) -> Settings:
    letter = {"title": "Weekly", "from_address": "post@lamp.example", "sources": ["site"], "theme": "mine"}
    return parse({"newsletters": {"weekly": letter}, "render": {"inliner": "fast"}}, folder=folder)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


def test_what_lies_in_the_folder_of_themes_is_a_theme_but_for_letters_and_pages(settings: Settings, tmp_path: Path) -> None:
    for name in ("classic", "pages", "letters", ".git", "Not one"):
        (tmp_path / "themes" / name).mkdir(parents=True)
    begin(settings, "mine", "letter")
    assert themes(settings) == (
        Theme(name="classic", own=True, ours=True),
        Theme(name="letter", own=False, ours=True),
        Theme(name="mine", own=True, ours=False, newsletters=("weekly",)),
    )


@pytest.mark.parametrize("like", ["classic", "letter"])
def test_a_new_theme_has_what_makes_the_other_one_and_is_drawn_as_it_is(settings: Settings, like: str) -> None:
    written = begin(settings, "mine", like)
    folder = templates_folder() / "editions" / like
    assert {path.relative_to(written[0].parents[0]).as_posix().split("/")[-1] for path in written} == {path.name for path in folder.rglob("*.*")}
    assert all(file.text == file_of(settings, like, file.name).text for file in files_of(settings, "mine"))
    assert look_over(settings, "mine") == ()


@pytest.mark.parametrize("name", ["classic", "mine", "pages", "letters", "", "..", "a/b", "../up", "Mine", "a b", "-a", "a\n", "x" * 64])
def test_a_theme_gets_no_name_that_is_taken_or_none(settings: Settings, name: str, tmp_path: Path) -> None:
    begin(settings, "mine")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(TemplateError):
        begin(settings, name)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_lent_file_is_kept_as_ones_own_and_given_up_again(settings: Settings) -> None:
    begin(settings, "mine", "letter")
    lent = file_of(settings, "mine", "button.html")
    assert (lent.own, lent.lender) == (False, "classic")
    keep(settings, "mine", "button.html", "<p>mine</p>\r\n<p>too</p>\r\n", seen=lent.seen)
    own = file_of(settings, "mine", "button.html")
    assert (own.own, own.text) == (True, "<p>mine</p>\n<p>too</p>\n")
    give_up(settings, "mine", "button.html", seen=own.seen)
    assert file_of(settings, "mine", "button.html") == lent


def test_a_new_file_may_be_added(settings: Settings) -> None:
    begin(settings, "mine")
    keep(settings, "mine", "blocks/weather.html", "rain", seen=NEW)
    assert not file_of(settings, "mine", "blocks/weather.html").used
    assert [one.finding.where for one in look_over(settings, "mine")] == ["blocks/weather.html"]
    with pytest.raises(FileChanged):
        keep(settings, "mine", "blocks/weather.html", "sun", seen=NEW)


def test_of_two_who_change_a_file_at_once_one_is_told(settings: Settings) -> None:
    begin(settings, "mine")
    seen = file_of(settings, "mine", "story.html").seen

    def change(number: int) -> bool:
        try:
            keep(settings, "mine", "story.html", f"version {number}", seen=seen)
        except FileChanged:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        kept = list(threads.map(change, range(8)))
    assert kept.count(True) == 1
    assert file_of(settings, "mine", "story.html").text == f"version {kept.index(True)}"
    with pytest.raises(FileChanged):
        give_up(settings, "mine", "story.html", seen=seen)


@given(
    theme=st.one_of(st.sampled_from(["mine", "..", ".", "pages", "classic/..", "mine/../mine"]), st.text(max_size=12)),
    name=st.one_of(
        st.sampled_from(["../x.html", "/x.html", "a/../../x.html", "blocks/../../../x.txt", ".x.html", "x.py", "x.html\0", "a/b/c.html", "x.html\n"]),
        st.text(max_size=12),
        st.text(alphabet="./\\a", max_size=8).map(lambda text: text + ".html"),
    ),
)
def test_nothing_is_written_outside_the_theme(tmp_path_factory: pytest.TempPathFactory, theme: str, name: str) -> None:
    folder = tmp_path_factory.mktemp("site")
    (folder / "themes" / "mine").mkdir(parents=True)
    try:
        keep(settings_in(folder), theme, name, "x", seen=NEW)
    except TemplateError:
        assert [path for path in folder.rglob("*") if path.is_file()] == []
    else:
        assert all(path.is_relative_to(folder / "themes" / theme) for path in folder.rglob("*") if path.is_file())
        assert not {"pages", "letters"} & {path.name for path in (folder / "themes").iterdir()}


def test_nor_is_it_through_a_link(settings: Settings, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "themes" / "mine").mkdir(parents=True)
    (tmp_path / "themes" / "mine" / "blocks").symlink_to(elsewhere)
    with pytest.raises(TemplateError, match="leads out"):
        keep(settings, "mine", "blocks/lead.html", "x", seen=file_of(settings, "mine", "blocks/lead.html").seen)
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    (tmp_path / "themes" / "mine" / "body.txt").symlink_to(secret)
    keep(settings, "mine", "body.txt", "mine", seen=file_of(settings, "mine", "body.txt").seen)
    assert secret.read_text() == "secret"
    assert list(elsewhere.iterdir()) == []


def test_a_file_is_whole_and_leaves_nothing_beside_it(settings: Settings, tmp_path: Path) -> None:
    begin(settings, "mine")
    path = tmp_path / "themes" / "mine" / "story.html"
    path.chmod(0o640)
    keep(settings, "mine", "story.html", "x" * 100_000, seen=file_of(settings, "mine", "story.html").seen)
    assert path.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in path.parent.iterdir() if one.name.startswith(".")] == []
    with pytest.raises(TemplateError, match="500,000"):
        keep(settings, "mine", "story.html", "x" * 600_000, seen=file_of(settings, "mine", "story.html").seen)


def test_a_folder_that_cannot_be_written_to_is_named(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "themes").write_text("no folder")
    with pytest.raises(TemplateError, match="cannot be written"):
        begin(settings, "mine")


def test_a_theme_that_is_not_there_is_named(settings: Settings) -> None:
    with pytest.raises(TemplateError, match="no theme “nowhere”"):
        files_of(settings, "nowhere")
    with pytest.raises(TemplateError, match=r"has no file “nothing\.html”"):
        file_of(settings, "classic", "nothing.html")
    assert len(files_of(settings, "classic")) == len(list(CLASSIC.rglob("*.*")))
