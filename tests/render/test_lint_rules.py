"""Every rule: a mail that breaks it is found, and by what is found one can mend it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.publication import Colours
from digest.render.lint import RULES, Level, lint_mail, of_message, settled
from digest.render.lint.mail import Mail
from digest.render.lint.outside import RULES as OUTSIDE
from tests.render.good_mail import ABOUT, HEADERS, LEAVE, PAGE, STREET, TEXT, mail, message, of_rule, rules, spoilt, with_header

LONG_WORDS = " ".join(f"word{number}" for number in range(60))

BROKEN: dict[str, Callable[[], Mail]] = {
    "size.cut": lambda: spoilt("again.", f"again.<!-- {'x' * 103_000} -->"),
    "size.budget": lambda: mail(budget=500),
    "document.language": lambda: spoilt(' lang="en"', ""),
    "document.direction": lambda: spoilt(' lang="en" dir="ltr"', ' lang="ar"'),
    "document.title": lambda: spoilt("<title>News</title>", ""),
    "document.scheme": lambda: spoilt('name="color-scheme"', 'name="generator"'),
    "forbidden.element": lambda: spoilt("<h1", "<form></form><h1"),
    "forbidden.script": lambda: spoilt("<h1", '<h1 onclick="x()"'),
    "forbidden.import": lambda: spoilt("<style>", "<style>@import url(https://a.example/a.css);"),
    "pictures.alt": lambda: spoilt(' alt="A ferry"', ""),
    "pictures.file-name": lambda: spoilt('alt="A ferry"', 'alt="IMG_2041.jpg"'),
    "pictures.size": lambda: spoilt(' height="60"', ' height="auto"'),
    "pictures.address": lambda: spoilt("https://a.example/ferry.png", "http://a.example/ferry.png"),
    "tables.role": lambda: spoilt(' role="presentation"', ""),
    "headings.one": lambda: spoilt("<h2", "<h1>Again</h1><h2"),
    "headings.order": lambda: mail(PAGE.replace("h2", "h4")),
    "headings.empty": lambda: spoilt("The ferry</h2>", "</h2>"),
    "links.address": lambda: spoilt('href="https://a.example/ferry"', 'href="/ferry"'),
    "links.plain": lambda: spoilt('href="https://a.example/ferry"', 'href="http://a.example/ferry"'),
    "links.name": lambda: spoilt("How the ferry came back", ""),
    "links.vague": lambda: spoilt("How the ferry came back", "Read more →"),
    "links.same": lambda: spoilt("It runs again.", '<a href="https://a.example/2">How the ferry came back</a>'),
    "links.leave": lambda: spoilt(LEAVE, "https://pages.example/else"),
    "text.empty": lambda: mail(text=" "),
    "text.links": lambda: mail(text=TEXT.replace("https://a.example/ferry", "")),
    "text.headings": lambda: spoilt("The ferry</h2>", "Harbour notes</h2>"),
    "text.words": lambda: spoilt("It runs again.", LONG_WORDS),
    "text.markup": lambda: mail(text=TEXT + "<p>Goodbye&nbsp;"),
    "template.left": lambda: spoilt("It runs", "It {{ verb }}"),
    "template.looks": lambda: spoilt("It runs", "It {{ verb }}", words="It {{ verb }} again."),
    "colours.palette": lambda: mail(colours=Colours(ink="#eeeeee")),
    "contrast.light": lambda: spoilt("color:#111111", "color:#bbbbbb"),
    "contrast.dark": lambda: spoilt("{ color: #eeeeee !important }", "{ color: #333333 !important }"),
    "subject.empty": lambda: with_header("Subject", ""),
    "subject.long": lambda: with_header("Subject", "The ferry runs again, and who would have thought that it would be so soon, after all?"),
    "subject.shouting": lambda: with_header("Subject", "THE FERRY RUNS AGAIN"),
    "subject.emoji": lambda: with_header("Subject", "The ferry runs again \N{SHIP}\N{ANCHOR}"),
    "subject.again": lambda: with_header("Subject", "The harbour  clock"),
    "subject.reply": lambda: with_header("Subject", "Re: the ferry"),
    "subject.hidden": lambda: with_header("Subject", "The fe\u200brry runs again"),
    "subject.preheader": lambda: mail(preheader="The ferry runs again"),
    "headers.missing": lambda: with_header("Message-ID"),
    "headers.twice": lambda: with_header("From", "a@a.example", "b@a.example"),
    "headers.one-click": lambda: with_header("List-Unsubscribe-Post"),
    "headers.line": lambda: mail(text=f"{TEXT}{'x' * 1_100}\n"),
    "headers.parts": lambda: of_message(message().replace(b"multipart/alternative", b"multipart/mixed"), ABOUT),
    "footer.address": lambda: mail(text=TEXT.replace(STREET, "")),
    "clients.unsupported": lambda: spoilt("<p class", '<p style="position:sticky" class', clients=("gmail",)),
    "clients.partly": lambda: spoilt("<p class", '<p style="margin:-4px" class', clients=("gmail",)),
    "clients.graceful": lambda: mail(clients=("outlook-windows",)),
    "clients.unknown": lambda: mail(clients=("gmial-ios",)),
}


def test_nothing_is_found_in_a_good_mail() -> None:
    assert lint_mail(mail()) == ()


def test_there_is_a_mail_for_every_rule() -> None:
    assert set(BROKEN) == {rule.id for rule in RULES} - {rule.id for rule in OUTSIDE}


@pytest.mark.parametrize("rule", BROKEN)
def test_a_mail_that_breaks_a_rule_is_found(rule: str) -> None:
    found = of_rule(BROKEN[rule](), rule)
    assert found, rules(BROKEN[rule]())
    assert all(one.what and one.why and one.mend and one.where == rule.partition(".")[0] for one in found)


def test_a_rule_has_one_name_and_says_why_and_how() -> None:
    names = [rule.id for rule in RULES]
    assert len(names) == len(set(names))
    assert all(rule.why.endswith(".") and rule.mend.endswith(".") for rule in RULES)


def test_only_what_must_not_go_out_stops_it_by_default() -> None:
    assert {rule.id for rule in RULES if rule.level is Level.ERROR} == {
        "size.cut",
        "forbidden.element",
        "forbidden.script",
        "links.address",
        "links.leave",
        "text.empty",
        "template.left",
        "subject.empty",
        "headers.missing",
        "headers.twice",
        "headers.one-click",
        "headers.line",
        "headers.parts",
        "footer.address",
    }


@pytest.mark.parametrize("target", ["mailto:desk@a.example", "tel:+4912345"])
def test_a_link_may_lead_to_a_mailbox_or_a_telephone(target: str) -> None:
    assert not rules(mail(PAGE.replace('"https://a.example/ferry"', f'"{target}"'), TEXT.replace("https://a.example/ferry", target)))


@pytest.mark.parametrize("target", ["", "#top", "//a.example/1", "javascript:alert(1)", "http://[::1", "https:///nowhere", "mailto:"])
def test_what_leads_nowhere_is_no_address(target: str) -> None:
    assert of_rule(spoilt('href="https://a.example/ferry"', f'href="{target}"'), "links.address")


@pytest.mark.parametrize("words", ["Hier klicken", "Leer más …", "Lire la suite", "اقرأ المزيد", "here", "MORE »"])
def test_link_texts_that_say_nothing_are_known_in_every_language(words: str) -> None:
    assert of_rule(spoilt("How the ferry came back", words), "links.vague")


@pytest.mark.parametrize("left", ["{{ title }}", "{% raw %}", "Hello {name},", "*|FNAME|*", "[[first name]]", "%%name%%", "NLx0123456789xVIEWx"])
def test_what_a_template_left_behind_must_not_go_out_but_may_be_quoted(left: str) -> None:
    assert [one.level for one in of_rule(spoilt("It runs", left), "template.left")] == [Level.ERROR]
    theirs = spoilt("It runs", left, words=f"A comment on {left}\nand more")
    assert not of_rule(theirs, "template.left")
    assert [one.level for one in of_rule(theirs, "template.looks")] == [Level.NOTE]


def test_template_text_is_found_in_addresses_and_in_the_subject_too() -> None:
    assert of_rule(spoilt("https://a.example/ferry.png", "https://a.example/%7B%7B%20name%20%7D%7D.png"), "template.left")
    assert of_rule(with_header("Subject", "News for {name}"), "template.left")


def test_a_quoted_brace_does_not_hide_one_of_ours() -> None:
    made = spoilt("It runs", "It {{ verb }} {{ title }}", words="It {{ verb }}")
    assert "'{{ title }}'" in of_rule(made, "template.left")[0].what


@pytest.mark.parametrize(
    "subject", ["NATO and the EU meet", "iPhone, USB and GPS", "Что НОВОГО в порту", "第三十一回", "Ready!", "The Ferry \N{SHIP}"]
)
def test_a_subject_may_hold_some_capitals_and_an_emoji(subject: str) -> None:
    assert not rules(of_message(message(headers=tuple((name, subject if name == "Subject" else value) for name, value in HEADERS)), ABOUT))


def test_the_way_out_must_be_in_both_parts() -> None:
    assert [one.what for one in of_rule(mail(text=TEXT.replace(LEAVE, "")), "links.leave")] == ["The plain text has no address to leave at."]


def test_what_is_ignored_is_not_told_but_what_no_mail_may_break_is() -> None:
    found = lint_mail(spoilt("How the ferry came back", "Read {{ more }}", clients=("outlook-windows",)))
    assert {one.rule for one in settled(found, ())} == {"template.left", "clients.graceful"}
    assert {one.rule for one in settled(found, ("clients", "template.left"))} == {"template.left"}
    assert {one.rule for one in settled(found, ("clients.graceful",))} == {"template.left"}


def test_the_gravest_comes_first() -> None:
    found = settled(lint_mail(replace(spoilt("It runs", "{{ x }}"), about=replace(ABOUT, budget=500, clients=("outlook-windows",)))), ())
    assert [one.level for one in found] == [Level.ERROR, Level.WARNING, Level.NOTE]


def test_the_spot_is_the_place_on_the_page() -> None:
    (found,) = of_rule(spoilt("How the ferry came back", "more"), "links.vague")
    assert found.spot == "a.1"
    (found,) = of_rule(BROKEN["pictures.alt"](), "pictures.alt")
    assert found.spot == "img.1"


PIECES = (
    *(
        "<a href='",
        "http://[",
        "https://a.example/%",
        "javascript:",
        "mailto:",
        "'>",
        "</a>",
        "<img src=",
        "data:,",
        " alt=''",
        ">",
        "<h1>",
        "</h1>",
        "<h9>",
    ),
    *(
        "<p style='",
        "color:lch(1 2 3)",
        "color:rgb(none 300% calc(1))",
        "background:url(",
        "font:9e999px/1 x",
        ";",
        "--a:{",
        "}",
        "<!--",
        "-->",
        "<![if mso]>",
    ),
    *(
        "<style>",
        "@media (",
        "@import",
        "a:not(b,c) > d[e='f' { x: y",
        "</style>",
        "<td bgcolor=#12",
        "&#0;",
        "&#x110000;",
        "\x00",
        "é",
        "\n",
        "words of no weight ",
    ),
)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25), st.text(max_size=40))
def test_no_page_and_no_subject_breaks_the_checks(pieces: list[str], subject: str) -> None:
    page = PAGE.replace("<h1", "".join(pieces) + "<h1")
    lines = tuple((name, " ".join(subject.split()) if name == "Subject" else value) for name, value in HEADERS)
    data = message(page, TEXT + "".join(pieces), lines) if subject.isprintable() and subject.isascii() else message(page)
    assert all(one.rule in {rule.id for rule in RULES} for one in lint_mail(of_message(data, replace(ABOUT, clients=("gmail",)))))
