"""Where templates are found, and what they may do."""

import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.errors import TemplateError
from digest.render.environment import environment, render, templates_folder
from digest.render.language import clock, day, direction, listed, number

ROOT = Path(__file__).parents[2]


def test_a_checkout_has_its_templates_beside_the_package() -> None:
    assert templates_folder() == ROOT / "templates"


def test_a_wheel_has_them_inside(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path], cwd=ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        wheel.extractall(tmp_path / "installed")
    code = "from digest.render.environment import templates_folder as f; print(f()); print((f() / 'editions/classic/blocks/lead.html').is_file())"
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path / "installed", check=True, capture_output=True, text=True)
    assert run.stdout.split("\n")[:2] == [str(tmp_path / "installed" / "digest" / "templates"), "True"]


def test_only_html_is_escaped(tmp_path: Path) -> None:
    for name in ("a.html", "a.txt", "a.css"):
        (tmp_path / name).write_text("{{ value }}")
    made = environment((tmp_path,), "en", "UTC")
    assert [render(made, name, {"value": "<&"}) for name in ("a.html", "a.txt", "a.css")] == ["&lt;&amp;", "<&", "<&"]


def test_a_template_cannot_change_what_it_is_given(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("{{ things.append(1) }}")
    with pytest.raises(TemplateError, match=r"a\.txt, line 1"):
        render(environment((tmp_path,), "en", "UTC"), "a.txt", {"things": []})


def test_texts_pass_through_gettext_and_count(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text('{{ ngettext("%(n)s egg", "%(n)s eggs", count, n=count|number) }}, {% trans %}100% fresh{% endtrans %}')
    made = environment((tmp_path,), "en", "UTC")
    assert [render(made, "a.txt", {"count": count}) for count in (1, 1200)] == ["1 egg, 100% fresh", "1,200 eggs, 100% fresh"]


def test_days_and_numbers_are_those_of_the_language_and_zone() -> None:
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert day(late, "en-GB", "Europe/Berlin") == "Monday, 23 November 2026"
    assert day(late, "fr", "UTC", "long") == "22 novembre 2026"
    assert clock(late, "de", "Europe/Berlin") == "00:30"
    assert number(1234567, "de") == "1.234.567"
    assert [listed(["a", "b", "c"], language) for language in ("en", "de", "ar")] == ["a, b, and c", "a, b und c", "a وb وc"]
    assert (listed([], "fr"), listed(["a"], "fr")) == ("", "a")
    assert (direction("fa"), direction("pt-BR")) == ("rtl", "ltr")
