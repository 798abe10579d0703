"""The built wheel, installed into an empty environment, runs the whole line away from the checkout."""

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.conftest import missing

ROOT = Path(__file__).parents[1]


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False, timeout=280)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    built = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    assert built.returncode == 0, built.stdout + built.stderr
    (made,) = folder.glob("newsletter_digest-*.whl")
    return made


def test_templates_migrations_and_the_demo_are_inside(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for name in (
        "digest/templates/editions/classic/body.html",
        "digest/templates/languages/ar.po",
        "digest/migrations/versions/0001_first_tables.py",
        "digest/migrations/script.py.mako",
        "digest/cli/new.toml",
        "digest/render/lint/caniemail.json",
        "digest/render/lint/caniemail.LICENSE.txt",
        "digest/render/lint/detectors.toml",
        "digest/templates/desk/checks.html",
        "digest/demo/harbour.xml",
        "digest/demo/images/logo.png",
        "digest/py.typed",
        "subscribers/py.typed",
    ):
        assert name in names
    assert {name.partition("/")[0] for name in names if "dist-info" not in name} == {"digest", "subscribers"}


def test_installed_into_an_empty_environment_the_demo_works(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "empty", with_pip=True)
    python = tmp_path / "empty" / "bin" / "python"
    installed = run(python, "-m", "pip", "install", "--quiet", "--constraint", ROOT / "constraints.txt", wheel, cwd=tmp_path)
    if installed.returncode:
        missing("a package index", installed.stderr.strip()[-300:])
    shown = run(tmp_path / "empty" / "bin" / "digest", "demo", cwd=tmp_path)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "60 accepted" in shown.stdout
    assert len(list((tmp_path / "demo" / "outbox").glob("*.eml"))) == 60
