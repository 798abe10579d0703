"""What a theme of somebody's own may do: draw a page, in its own time. Nothing here may harm the process that asked."""

from pathlib import Path

import pytest

from digest.errors import SettingsError, TemplateError
from digest.render import sandbox
from digest.render.draw import draw, finished
from digest.render.environment import environment, render, templates_folder
from digest.render.sandbox import inlined_apart
from tests.render.sample_edition import look, sample_edition

EDITION = sample_edition()
MINE = look(theme="mine")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "mine").mkdir()
    return tmp_path


def drawn(own: Path, text: str, **others: str) -> str:
    """The text part that such a `body.txt` makes, beside an empty `body.html`."""
    for name, content in {"body.txt": text, "body.html": "<!DOCTYPE html>", **others}.items():
        (own / "mine" / name).write_text(content)
    return draw(EDITION, MINE, own=own).text


ESCAPES = {
    "a class": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "a class by name": "{{ ''|attr('__class__') }}",
    "a class by item": "{{ ''['__class__'] }}",
    "a class through a filter": "{{ ['']|map(attribute='__class__')|first }}",
    "a class by format": "{{ '{0.__class__.__init__.__globals__}'.format(edition) }}",
    "a class by format_map": "{{ '{a.__class__}'.format_map({'a': 1}) }}",
    "a class by format of Markup": "{{ ('{0.__class__}'|safe).format(look) }}",
    "globals of a function": "{{ begin.__func__.__globals__ }}",
    "globals of a macro": "{% macro m() %}{% endmacro %}{{ m._func.__globals__ }}",
    "globals of gettext": "{{ gettext.__globals__ }}",
    "globals of cycler": "{{ cycler.__init__.__globals__.os }}",
    "the environment": "{{ self._TemplateReference__context.environment }}",
    "a frame": "{{ ([1]|map('string')).gi_frame.f_globals }}",
    "unpickling": """{{ look.colours.parse_raw("cposix\\nsystem\\n(S'touch /tmp/escaped'\\ntR.", proto="pickle", allow_pickle=True) }}""",
    "a file by pydantic": "{{ look.colours.parse_file('/etc/hostname') }}",
    "other fields": "{{ look.colours.model_construct(ink='x') }}",
    "other fields by a copy": "{{ look.colours.copy(update={'ink': 'x'}) }}",
    "a class of pydantic": "{{ look.colours.model_fields }}",
    "changing a list": "{% set a = [1] %}{{ a.append(2) }}",
    "changing a dict": "{{ holes.update({'greeting': ''}) }}",
    "a file above": "{% include '../classic/body.txt' %}",
    "a file far above": "{% include '../../../../../../etc/hostname' %}",
    "a file by its path": "{% include '/etc/hostname' %}",
    "a file to extend": "{% extends '/etc/passwd' %}",
    "a file to import": "{% import '../../digest.toml' as x %}",
    "a file among several": "{% include ['/etc/hostname', '../a'] %}",
    "code": "{% do 1 %}",
    "chance": "{{ [1, 2]|random }}",
    "chance in words": "{{ lipsum() }}",
    "a class of a class": "{{ edition.slot.tzinfo.__class__ }}",
}


@pytest.mark.parametrize("template", ESCAPES.values(), ids=ESCAPES)
def test_nothing_is_reached_but_what_was_given(own: Path, template: str) -> None:
    with pytest.raises(TemplateError, match=r"body\.txt") as raised:
        drawn(own, "\n" + template)
    assert "root:" not in str(raised.value)
    assert not Path("/tmp/escaped").exists()


@pytest.mark.parametrize("template", [one for one in ESCAPES.values() if "include" not in one and "import" not in one and "extends" not in one])
def test_nor_is_it_by_a_template_that_is_drawn_in_our_own_process(tmp_path: Path, template: str) -> None:
    (tmp_path / "a.txt").write_text(template)
    values = {"edition": EDITION, "look": MINE, "holes": {}, "begin": str}
    with pytest.raises(TemplateError):
        render(environment((tmp_path,), "en", "UTC"), "a.txt", values)


BOMBS = {
    "loops in loops": "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "loops in loops, multiplied": "{% for a in range(99999) %}{% set x = range(99999)|sum %}{% endfor %}",
    "a text that doubles": "{% set ns = namespace(a='ab') %}{% for _ in range(99) %}{% set ns.a = ns.a ~ ns.a %}{% endfor %}",
    "a text that doubles by join": "{% set ns = namespace(a='ab') %}{% for _ in range(99) %}{% set ns.a = [ns.a, ns.a]|join %}{% endfor %}",
    "a list that doubles": "{% set ns = namespace(a=[1]) %}{% for _ in range(99) %}{% set ns.a = ns.a + ns.a %}{% endfor %}",
    "a multiplied text": "{{ 'a' * 10 ** 9 }}",
    "a multiplied list": "{{ [1] * 10 ** 9 }}",
    "a power": "{{ 10 ** (10 ** 8) }}",
    "a number that squares": "{% set ns = namespace(a=3) %}{% for _ in range(99) %}{% set ns.a = ns.a * ns.a %}{% endfor %}",
    "a width": "{{ '%0999999999d'|format(1) }}",
    "a width by percent": "{{ '%0999999999d' % 1 }}",
    "a width by format": "{{ '{:>999999999}'.format('a') }}",
    "a precision": "{{ '%.999999999f'|format(1.5) }}",
    "center": "{{ 'a'|center(999999999) }}",
    "ljust": "{{ 'a'.ljust(999999999) }}",
    "expandtabs": "{{ '\\t'.expandtabs(999999999) }}",
    "zfill": "{{ 'a'.zfill(999999999) }}",
    "indent": "{{ 'a\na'|indent(999999999) }}",
    "indent, often": "{{ ('a\n' * 99999)|indent(99999) }}",
    "replace": "{{ ('a' * 999999)|replace('a', 'a' * 99999) }}",
    "replace with nothing": "{{ ('a' * 99999)|replace('', 'b' * 99999) }}",
    "join": "{{ range(99999)|join('a' * 99999) }}",
    "batch": "{{ [1]|batch(999999999, 0)|list }}",
    "slice": "{{ [1]|slice(999999999)|list }}",
    "a range": "{% for _ in range(10 ** 9) %}{% endfor %}",
    "our own wrap": "{{ 'a'|wrap(9, 'b' * 999999999) }}",
    "wordwrap": "{{ ('a ' * 999999)|wordwrap(1, wrapstring='b' * 99999) }}",
    "xmlattr": "{% set ns = namespace(a={}) %}{% for a in range(99999) %}{% set ns.a = dict(ns.a, **{'a' ~ a: 'b' * 99999}) %}{% endfor %}",
    "recursion": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "two-fold recursion": "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(90) }}",
    "a recursive loop": "{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}",
    "itself": "{% include 'body.txt' %}",
    "itself, twice": "{% if true %}{% include 'body.txt' %}{% include 'body.txt' %}{% endif %}",
    "extending itself": "{% extends 'body.txt' %}",
    "importing itself": "{% import 'body.txt' as a %}",
    "a long page": "{% for a in range(99999) %}{{ 'a' * 99999 }}{% endfor %}",
    "a long page of small pieces": "{% for a in range(99999) %}{% for b in range(999) %}abc{% endfor %}{% endfor %}",
    "a long block": "{% set a %}{% for a in range(99999) %}{{ 'a' * 99999 }}{% endfor %}{% endset %}",
    "brackets": "{{ " + "(" * 50_000 + "1" + ")" * 50_000 + " }}",
    "lists": "{{ " + "[" * 900 + "]" * 900 + " }}",
    "signs": "{{ " + "- " * 100_000 + "1 }}",
    "a long sum": "{{ " + "1+" * 50_000 + "1 }}",
    "negations": "{{ " + "not " * 50_000 + "1 }}",
    "filters": "{{ 1" + "|string" * 20_000 + " }}",
    "nested loops": "{% for a in [1] %}" * 30 + "{% endfor %}" * 30,
    "nested ifs": "{% if 1 %}" * 400 + "{% endif %}" * 400,
    "nested blocks": "{% with %}" * 5_000 + "{% endwith %}" * 5_000,
    "unclosed": "{{ '" + "\\" * 100_000,
    "a cycle": "{% set c = cycler(1) %}{% for a in range(99999) %}{% for b in range(99999) %}{% set x = c.next() %}{% endfor %}{% endfor %}",
    "sorting": "{% for a in range(99999) %}{% set x = range(99999)|sort(reverse=true) %}{% endfor %}",
    "a text of dates": "{% for a in range(99999) %}{% for b in range(999) %}{% set x = edition.slot|day %}{% endfor %}{% endfor %}",
}


@pytest.mark.parametrize("template", BOMBS.values(), ids=BOMBS)
def test_a_runaway_ends_and_says_where(own: Path, template: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "SECONDS", 0.3)
    with pytest.raises(TemplateError) as raised:
        drawn(own, "\n" + template)
    assert "body.txt" in str(raised.value), str(raised.value)
    assert drawn(own, "{{ look.name }}") == f"{MINE.name}\n"


def test_a_page_that_no_inliner_gets_through_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "SECONDS_INLINING", 0.5)
    rules = "".join(f".a{number} .b {{ color: red }}" for number in range(20_000))
    with pytest.raises(TemplateError, match="styles"):
        inlined_apart(
            f"<!DOCTYPE html><html><head><style>{rules}</style></head><body>{'<p class=b>a</p>' * 20_000}</body></html>", "premailer", "mine"
        )


@pytest.mark.parametrize("engine", ["premailer", "fast"])
def test_a_page_that_is_endlessly_deep_is_none(engine: str) -> None:
    with pytest.raises(TemplateError, match=r"deep|styles|memory|ended"):
        inlined_apart(f"<!DOCTYPE html><html><head></head><body>{'<div>a' * 20_000}</body></html>", engine, "mine")


def test_an_engine_that_is_not_there_is_an_error_of_the_settings() -> None:
    with pytest.raises(SettingsError, match="no inlining engine"):
        inlined_apart("<!DOCTYPE html>", "magic", "mine")


@pytest.mark.parametrize("theme", sorted(path.name for path in (templates_folder() / "editions").iterdir()))
@pytest.mark.parametrize(("language", "content"), [("en", ""), ("de", "en"), ("ar", "de"), ("fr-CA", "ar"), ("ja", "ja")])
def test_the_bytes_are_those_of_our_own_process(tmp_path: Path, theme: str, language: str, content: str) -> None:
    (tmp_path / theme).mkdir()
    made = look(theme=theme, language=language, content_language=content, zone="Asia/Kathmandu")
    assert draw(EDITION, made, own=tmp_path) == draw(EDITION, made)
    for engine in ("premailer", "fast"):
        assert finished(EDITION, made, engine, own=tmp_path) == finished(EDITION, made, engine)


def test_every_filter_there_is_can_be_used_where_nothing_can_be_opened(own: Path) -> None:
    """None of them needs a file that is read when it is first asked for."""
    text = {
        "batch": "{{ [1, 2]|batch(1)|list }}", "groupby": "{{ [{'a': 1}]|groupby('a') }}", "map": "{{ [1]|map('string')|list }}",
        "dictsort": "{{ {'a': 1}|dictsort }}", "items": "{{ {'a': 1}|items|list }}", "xmlattr": "{{ {'a': 1}|xmlattr }}",
        "slice": "{{ [1]|slice(1)|list }}", "reject": "{{ [1]|reject('odd')|list }}", "rejectattr": "{{ [look]|rejectattr('name')|list }}",
        "select": "{{ [1]|select('odd')|list }}", "selectattr": "{{ [look]|selectattr('url')|list|length }}", "attr": "{{ look|attr('name') }}",
        "format": "{{ '%s'|format(1) }}", "unique": "{{ [1, 1]|unique|list }}", "replace": "{{ 'a'|replace('a', 'b') }}", "sum": "{{ [1]|sum }}",
        "day": "{{ edition.slot|day('medium') }}", "clock": "{{ edition.slot|clock }}", "hour": "{{ 7|hour }}", "listed": "{{ ['a', 'b']|listed }}",
        "number": "{{ 1000|number }}", "fit": "{{ edition.lead.image|fit(100) }}", "round": "{{ 1.5|round }}", "abs": "{{ -1|abs }}",
        "filesizeformat": "{{ 10000|filesizeformat }}",
    }  # fmt: skip
    names = sorted(environment((own,), "de", "UTC").filters)
    lines = "\n".join(text.get(name, f"{{{{ 'a b'|{name} }}}}") for name in names)
    (own / "mine" / "body.txt").write_text(lines)
    (own / "mine" / "body.html").write_text(lines)
    made = look(theme="mine", language="de")
    (own / "copy").mkdir()
    html, shown = draw(EDITION, made, own=own).html, draw(EDITION, made, own=own).text
    folder = own / "copy" / "editions"
    folder.mkdir()
    (folder / "mine").symlink_to(own / "mine")
    assert (html, shown) == ((same := draw(EDITION, made, own / "copy")).html, same.text)
