"""What mail programs cannot show, by caniemail's table; and that the table is what caniemail says."""

import json
from pathlib import Path

import pytest

from digest.render.elements import read_page
from digest.render.lint import About, Level, lint_mail, of_parts
from digest.render.lint.detect import detectors, used
from digest.render.lint.make_table import compact, write
from digest.render.lint.table import NO, PARTLY, table
from digest.rules import Checks

HEAD = '<!DOCTYPE html><html lang="en"><head><meta name="color-scheme" content="light dark"><title>T</title>'
KINDS = ("declaration", "function", "unit", "at", "pseudo", "selector", "element", "attribute", "image", "page", "ignored")


def features(body: str = "", style: str = "") -> set[str]:
    return set(used(read_page(f"<html><head><style>{style}</style></head><body>{body}</body></html>")))


def told(body: str, *clients: str, style: str = "") -> dict[str, str]:
    page = f"{HEAD}<style>{style}</style></head><body><h1>T</h1>{body}</body></html>"
    return {one.rule: " ".join([one.what, *one.details]) for one in lint_mail(of_parts(page, "T", About(clients=clients))) if one.where == "clients"}


def test_every_feature_of_the_table_is_looked_for_once_or_left_out_with_a_reason() -> None:
    named = [slug for kind in KINDS for slug in detectors()[kind]]
    assert sorted(named) == sorted(table().features)
    assert set(detectors()) == {*KINDS, "graceful", "partly"}
    assert {*detectors()["graceful"], *detectors()["partly"]} <= set(named)


def test_the_table_says_what_caniemail_says() -> None:
    """Read by hand from the pages of these features, as they were on 13 May 2026."""
    known = table()
    assert (known.updated, len(known.features), len(known.clients)) == ("2026-05-13", 307, 48)
    dark = known.features["css-at-media-prefers-color-scheme"].support
    assert {client for client in dark if client.startswith("gmail")} == set(
        known.features["css-at-media-prefers-color-scheme"].by(known.meant("gmail"), NO)
    )
    assert dark["outlook-windows"] == NO and dark["apple-mail-ios"] == dark["outlook-com"] == "y"
    radius = known.features["css-border-radius"]
    assert radius.support["outlook-windows"] == NO and radius.support["gmail-ios"] == "y" and radius.support["yahoo-ios"] == PARTLY
    assert "slash" in radius.said(["yahoo-ios"]) and radius.said(["gmail-ios"]) == ""
    assert known.features["html-dialog"].support["gmail-webmail"] == NO
    assert known.features["css-background-image"].support["gmail-webmail"] == "y"  # was “a” in July 2023: the newest version counts
    assert radius.page == "https://www.caniemail.com/features/css-border-radius/"


def test_the_counts_are_the_datas() -> None:
    letters = [letter for feature in table().features.values() for letter in feature.support.values()]
    assert {letter: letters.count(letter) for letter in set(letters)} == {"-": 2384, "a": 761, "n": 3807, "u": 900, "y": 6884}


@pytest.mark.parametrize(
    ("body", "style", "feature"),
    [
        ('<p style="border-radius:4px">', "", "css-border-radius"),
        ('<p style="border-top-left-radius:4px">', "", "css-border-radius"),
        ('<p style="display:inline-flex">', "", "css-display-flex"),
        ('<p style="width:calc(100% - 2em)">', "", "css-unit-calc"),
        ('<p style="width:calc(100% - 2em)">', "", "css-unit-em"),
        ('<p style="color:var(--ink)">', "", "css-variables"),
        ('<p style="background:linear-gradient(red,blue)">', "", "css-linear-gradient"),
        ('<p style="height:fit-content">', "", "css-intrinsic-size"),
        ('<p style="font:12px system-ui, serif">', "", "css-sytem-ui"),
        ("", "@media (prefers-reduced-motion: reduce) { p { color: red } }", "css-at-media-prefers-reduced-motion"),
        ("", "@font-face { font-family: a }", "css-at-font-face"),
        ("", "a:hover { color: red }", "css-pseudo-class-hover"),
        ("", "a::before { content: '' }", "css-pseudo-element-before"),
        ("", "a > b { color: red }", "css-selector-child"),
        ("", "a ~ b { color: red }", "css-selector-general-sibling"),
        ("", "a.b { color: red }", "css-selector-chaining"),
        ("", ".a { & b { color: red } }", "css-nesting"),
        ("", "/* a */", "css-comments"),
        ("<details>", "", "html-semantics"),
        ('<img src="https://a.example/a.webp?x=1">', "", "image-webp"),
        ('<img src="data:image/png;base64,AA">', "", "image-base64"),
        ('<input type="checkbox">', "", "html-input-checkbox"),
        ('<img srcset="a 2x">', "", "html-srcset"),
        ('<a href="#top">', "", "html-anchor-links"),
    ],
)
def test_what_a_page_uses_is_seen(body: str, style: str, feature: str) -> None:
    assert feature in features(body, style)
    assert feature not in features()


def test_what_stands_under_a_condition_counts_as_the_condition_alone() -> None:
    assert features(style="@media (max-width: 9px) { p { display: grid } }") - features() == {"css-at-media"}


def test_what_is_said_of_something_hidden_is_for_others() -> None:
    assert features('<p style="display:none;max-height:0;overflow:hidden">') - features("<p>") == {"css-display-none"}


def test_a_program_that_lacks_it_is_named_with_the_place_and_how_often() -> None:
    body = '<p style="position:sticky"></p><p style="position:sticky"></p>'
    assert told(body, "gmail-ios", "gmail-webmail", "apple-mail")["clients.unsupported"].startswith(
        "position is not shown by Gmail (iOS, Desktop Webmail)."
    )
    assert told(body, "gmail-ios")["clients.unsupported"].endswith("It is used 2 times.")
    assert "clients.unsupported" not in told(body, "apple-mail-macos")


def test_what_is_known_in_part_counts_where_that_part_is_used() -> None:
    assert "clients.partly" not in told('<p style="margin:4px auto"></p>', "gmail")
    assert "Negative values" in told('<p style="margin:-4px"></p>', "gmail")["clients.partly"]


def test_what_is_lost_by_little_is_one_note() -> None:
    found = told('<p style="border-radius:4px;word-break:break-word"></p>', "outlook-windows", "yahoo", style="a:hover{color:red}")
    assert set(found) == {"clients.graceful"}
    assert "border-radius: corners are square" in found["clients.graceful"] and ":hover" in found["clients.graceful"]


def test_a_greatest_width_is_harmless_where_outlook_finds_a_table() -> None:
    page = '<div style="max-width:600px"></div>'
    assert "Only works on `<table>` elements." in told(page, "outlook-windows")["clients.partly"]
    assert "clients.partly" not in told(f'<!--[if mso]><table width="600"><![endif]-->{page}', "outlook-windows")


def test_a_name_that_nobody_knows_is_told_with_the_nearest() -> None:
    assert told("", "gmial-ios")["clients.unknown"] == "There is no mail program “gmial-ios” in caniemail’s table. Did you mean “gmail-ios”?"
    assert told("") == {}


def test_the_programs_that_are_meant_where_nobody_says_are_all_known() -> None:
    assert all(table().meant(name) for name in Checks().clients)
    assert table().meant("yahoo") == ("yahoo-android", "yahoo-ios", "yahoo-webmail")
    assert table().meant("yah") == table().meant("") == ()


def test_the_table_is_made_of_what_caniemail_gives(tmp_path: Path) -> None:
    given = {
        "last_update_date": "2026-01-02 03:04:05 +0000",
        "nicenames": {
            "family": {"gmail": "Gmail", "outlook": "Outlook"},
            "platform": {"ios": "iOS", "outlook-com": "Outlook.com", "desktop-webmail": "Webmail"},
        },
        "data": [
            {
                "slug": "css-a",
                "title": "a ",
                "stats": {
                    "gmail": {"ios": {"2019": "y", "2020": "a #1 #2"}, "desktop-webmail": {"2019": "n"}},
                    "outlook": {"outlook-com": {"2019": "y"}},
                },
                "notes_by_num": {"1": "In  part.", "2": "Else."},
            },
            {"slug": "css-b", "title": "b", "stats": {"gmail": {"ios": {}}}, "notes_by_num": None},
        ],
    }
    made = compact(given)
    assert made["clients"] == {"gmail-ios": "Gmail (iOS)", "gmail-webmail": "Gmail (Webmail)", "outlook-com": "Outlook.com"}
    assert made["features"]["css-a"] == {"title": "a", "support": "any", "notes": {"In part.": "gmail-ios", "Else.": "gmail-ios"}}
    assert made["features"]["css-b"] == {"title": "b", "support": "---"}
    write(given, tmp_path / "table.json")
    assert json.loads((tmp_path / "table.json").read_text()) == made
    assert Level.NOTE.weight < Level.WARNING.weight < Level.ERROR.weight
