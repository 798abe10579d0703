"""What stands in a drawn edition, in both parts, and what a hostile one cannot do."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.content.values import Role
from digest.editions.values import Edition, Parent, Section
from digest.errors import SettingsError, TemplateError
from digest.newsletter import Newsletter
from digest.publication import Publication
from digest.render.check import check_theme
from digest.render.draw import draw
from digest.render.elements import read_page
from digest.render.environment import templates_folder
from digest.render.lint import lint
from digest.render.look import Look
from digest.render.marks import key_for
from tests.render.filling import VALUES, seen
from tests.render.sample_edition import JOIN, LEAD, PEOPLE, RECENT, SECTIONS, SPONSOR, TOP, look, quote, sample_edition

NASTY = "<img src=x onerror=alert(1)> {{ look.name }} {% raw %} &amp; \u202eabc --> ]]> </style>"


every_theme = pytest.mark.parametrize("theme", ["classic", "letter"])


def flat(text: str) -> str:
    return " ".join(text.replace("\n>", " ").split())


def test_equal_editions_are_drawn_equal() -> None:
    assert draw(sample_edition(), look()) == draw(sample_edition(), look())
    assert draw(sample_edition(), look()).key != draw(sample_edition(title="Another"), look()).key


@every_theme
def test_both_parts_show_the_same_items_in_the_same_order(theme: str) -> None:
    text, html = seen(sample_edition(), look(theme=theme))
    titles = [LEAD.title, *(story.title for section in SECTIONS for story in section.stories), SPONSOR.title]
    for part in (flat(text), flat(read_page(html).words)):
        assert sorted(titles, key=part.index) == titles
        for one in (*TOP, *RECENT):
            assert all(flat(line) in part for line in one.text.split("\n\n"))
        assert all(person.name in part for person in PEOPLE)
        assert all(link.title in part for link in JOIN)
        assert "Hello Ann," in part
        assert "ann@reader.example" in part
        assert "Saltmarsh Press, 4 Ferry Lane, Old Quay OQ1 2ZX" in part
        assert "Sponsored" in part or "SPONSORED" in part


@every_theme
def test_a_comment_is_quoted_with_all_that_fairness_asks(theme: str) -> None:
    text, html = seen(sample_edition(), look(theme=theme))
    for part in (flat(text), flat(read_page(html).words)):
        assert "In reply to Grace Okafor: “Eleven passengers a day is not a service, it is a hobby with a timetable and […]”" in part
        assert "Moderator" in part
        assert "38 likes as of 7:00\u202fAM" in part or "38 likes as of 7:00 AM" in part
        assert "1 like as of" in part
        assert "page four […]”" in part
    assert f'href="{SECTIONS[1].stories[0].quote.url}"' in html  # type: ignore[union-attr]
    assert "> “I took this boat" in text


def test_the_blocks_stand_in_the_order_that_was_asked_for() -> None:
    _, html = seen(sample_edition(blocks=("people", "join", "lead")), look())
    words = read_page(html).words
    assert words.index("Made by") < words.index("Join the conversation") < words.index("The subsidy ends")
    assert "Top comments" not in words and "Hello Ann" not in words


@every_theme
def test_what_is_empty_is_not_there(theme: str) -> None:
    bare = sample_edition(
        lead=None, sections=(), top_comments=(), recent_comments=(), sponsor=None, people=(), join=(), join_counts=(), introduction=()
    )
    text, html = seen(bare, look(theme=theme))
    for heading in ("The lead", "Top comments", "Just said", "Sponsored", "Made by", "Join the conversation"):
        assert heading not in read_page(html).words
        assert heading.upper() not in text


@every_theme
def test_the_bar_beside_a_quotation_changes_its_colour_in_the_dark(theme: str) -> None:
    _, html = seen(sample_edition(introduction=("> Whoever ties a knot in a hurry",)), look(theme=theme))
    [quotation] = read_page(html).named("blockquote")
    assert {"edge-rule", "edge-accent"} & set(quotation.classes)


@every_theme
def test_a_hostile_edition_stays_an_edition(theme: str) -> None:
    hostile = quote(66, 101, NASTY, NASTY, NASTY + "\n\n\n" + NASTY, likes=3, role=Role.STAFF)
    lead = replace(LEAD, title=NASTY, excerpt=NASTY, author=NASTY, section=NASTY, quote=replace(hostile, reply=hostile))
    text, html = seen(sample_edition(title=NASTY, subject=NASTY, preheader=NASTY, lead=lead, top_comments=(hostile,)), look(theme=theme))
    page = read_page(html)
    assert not [element for element in page.elements if "onerror" in element.attributes]
    assert "{{ look.name }} {% raw %} &amp;" in page.words
    assert "{{ look.name }} {% raw %} &amp;" in flat(text)
    assert "Unsubscribe" in page.words
    assert {finding.where for finding in lint(html, text)} <= {"template", "links", "text"}  # the nasty words look like all of these


@settings(max_examples=25)
@given(text=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60))
def test_whatever_a_reader_writes_is_shown_as_written(text: str) -> None:
    one = quote(66, 101, "Title", "Reader", text)
    html = draw(sample_edition(blocks=("recent_comments",), recent_comments=(one,)), look()).html
    assert flat(f"“{flat(text)}”") in flat(read_page(html).words)


def test_a_right_to_left_edition_is_one() -> None:
    _, html = seen(sample_edition(), look(language="ar"))
    assert 'dir="rtl"' in html
    assert "padding-right:24px" in html.replace(": ", ":")
    assert "←" in html and "→" not in html


@every_theme
def test_articles_in_another_language_than_the_readers_say_so(theme: str) -> None:
    _, same = seen(sample_edition(), look(theme=theme, content_language="en"))
    assert 'lang="en" dir="auto"' not in same
    text, html = seen(sample_edition(), look(theme=theme, language="ar", content_language="en"))
    page = read_page(html)
    assert [page.elements[0].attributes[name] for name in ("lang", "dir")] == ["ar", "rtl"]
    theirs = {" ".join(element.text.split()) for element in page.elements if element.attributes.get("lang") == "en"}
    told = {LEAD.title, LEAD.excerpt, SECTIONS[0].title, TOP[0].article_title, f"«{TOP[0].text}»", JOIN[2].title, sample_edition().introduction[0]}
    assert told <= theirs
    assert all(element.attributes["dir"] == "auto" for element in page.elements if element.attributes.get("lang") == "en")
    assert f"«\u2068{TOP[0].article_title}\u2069»" in text
    assert lint(html, text) == ()


@every_theme
@pytest.mark.parametrize(("language", "content"), [("ar", "en"), ("en", "ar"), ("he", "")])
def test_letters_that_are_joined_are_neither_spaced_out_nor_slanted(theme: str, language: str, content: str) -> None:
    _, html = seen(sample_edition(), look(theme=theme, language=language, content_language=content))
    body = html[html.index("<body") :]
    assert "letter-spacing" not in body and "italic" not in body


def test_an_edition_without_dates_or_numbers_of_its_own_uses_the_languages(tmp_path: Path) -> None:
    text, _ = seen(sample_edition(), look(language="de", zone="America/New_York"))
    assert "Montag, 23. November 2026" in text
    assert "38 Likes, Stand 02:00 Uhr" in text


@pytest.mark.parametrize("name", ["a", "b\nc", "\u202e"])
def test_a_key_is_never_part_of_the_content(name: str) -> None:
    key = key_for(name)
    assert len(key) == 10 and int(key, 16) >= 0
    assert key_for(name + key) != key
    assert key_for(f"{name} {key[:5]} {key[5:]}") not in (key,)


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    """A folder of templates with the classic theme, to which a test adds its own."""
    (tmp_path / "editions").mkdir()
    (tmp_path / "editions" / "classic").symlink_to(templates_folder() / "editions" / "classic")
    (tmp_path / "editions" / "mine").mkdir()
    return tmp_path


def test_a_theme_needs_only_the_files_in_which_it_differs(templates: Path) -> None:
    (templates / "editions" / "mine" / "heading.html").write_text('<tr><td><h2 class="mine">~ {{ heading }} ~</h2></td></tr>\n')
    html = draw(sample_edition(), look(theme="mine"), templates).html
    assert "~ Field Notes ~" in html and "The subsidy ends in March" in html


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("line one\n{{ nothing_of_that_name }}\n", r"body\.txt, line 2: 'nothing_of_that_name' is undefined"),
        ("{{ edition.colour }}", r"body\.txt, line 1: .*no attribute 'colour'"),
        ("\n\n{% if %}", r"body\.txt, line 3: "),
        ("{{ edition.slot|day('tall') }}", r"body\.txt, line 1: "),
        ("{% include 'absent.txt' %}", r"There is no template .*absent\.txt"),
        ("{{ ''.__class__.__mro__ }}", r"body\.txt, line 1: .*unsafe"),
        ("{{ 1 / 0 }}", r"body\.txt, line 1: division by zero"),
    ],
)
def test_a_broken_theme_says_where(templates: Path, content: str, said: str) -> None:
    (templates / "editions" / "mine" / "body.txt").write_text(content)
    with pytest.raises(TemplateError, match=said):
        draw(sample_edition(), look(theme="mine"), templates)


def test_an_unknown_theme_or_language_is_named() -> None:
    with pytest.raises(TemplateError, match="no theme “baroque”"):
        draw(sample_edition(), look(theme="baroque"))
    with pytest.raises(SettingsError, match="“klingonish” is no language"):
        draw(sample_edition(), look(language="klingonish"))


def test_the_look_is_made_of_the_settings() -> None:
    publication = Publication(name="Saltmarsh", logo="https://saltmarsh.example/logo.png", logo_width=120, logo_height=40)
    newsletter = Newsletter(slug="letter", title="The Letter", from_address="letter@saltmarsh.example", language="he", time_zone="Asia/Jerusalem")
    made = Look.of(publication, newsletter)
    assert (made.title, made.name, made.direction, made.start, made.zone) == ("The Letter", "Saltmarsh", "rtl", "right", "Asia/Jerusalem")
    check_theme(publication, newsletter)
    _, html = seen(sample_edition(), made)
    assert 'alt="Saltmarsh"' in html


def test_a_theme_that_does_not_mark_what_readers_choose_from_is_found(tmp_path: Path) -> None:
    theirs = tmp_path / "mine" / "blocks"
    theirs.mkdir(parents=True)
    (theirs / "recent_comments.html").write_text('<tr><td><h2 class="section">Just said</h2></td></tr>\n')
    newsletter = Newsletter(slug="letter", title="The Letter", from_address="letter@saltmarsh.example", theme="mine")
    found = check_theme(Publication(name="Saltmarsh"), newsletter, own=tmp_path)
    assert [finding.where for finding in found] == ["blocks/recent_comments.html"]
    others = newsletter.model_copy(update={"blocks": ("introduction", "lead")})
    assert check_theme(Publication(name="Saltmarsh"), others, own=tmp_path) == ()


def test_every_image_gets_a_size_and_keeps_its_shape() -> None:
    _, html = seen(sample_edition(sections=(Section(title="", stories=SECTIONS[1].stories),)), look())
    sizes = {
        image.attributes["src"].rsplit("/", 1)[1]: (image.attributes["width"], image.attributes["height"]) for image in read_page(html).named("img")
    }
    assert sizes["101-1200x800.jpg"] == ("640", "427")
    assert sizes["104-800x1100.jpg"] == ("176", "242")


@every_theme
def test_the_sample_is_without_findings(theme: str) -> None:
    for language in ("en", "de", "fa"):
        made = look(theme=theme, language=language, logo="https://saltmarsh.example/logo.png", logo_dark="https://saltmarsh.example/dark.png")
        edition: Edition = sample_edition()
        text, html = seen(edition, made)
        assert lint(html, text, colours=made.colours) == ()
        assert all(value in html for value in VALUES.values())


@every_theme
def test_what_a_comment_answers_is_shown_wherever_it_is_quoted(theme: str) -> None:
    edition = sample_edition()
    parent = Parent(author="Ines Halloran", role=Role.STAFF, text="Does anybody know who painted the buoy", cut=True)
    answering = replace(
        edition,
        top_comments=tuple(replace(quote, parent=parent) for quote in edition.top_comments[:1]),
        recent_comments=tuple(replace(quote, parent=parent) for quote in edition.recent_comments[:1]),
    )
    drawn = draw(answering, look(theme=theme))
    for page in (drawn.html, drawn.text.replace("\n", " ")):
        assert page.count("who painted the buoy […]") == 2
