"""The house's rules that can be run: one owner for each outside library, one clock, a README that is true."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from digest.cli import COMMANDS, SHORT_HELP
from digest.settings import Settings, parse

ROOT = Path(__file__).parents[2]
SOURCES = sorted((*(ROOT / "digest").rglob("*.py"), *(ROOT / "subscribers").rglob("*.py")))

OWNERS = {
    "premailer": {"digest/render/inline.py"},
    "jinja2": {"digest/render/environment.py", "digest/render/guard.py", "digest/render/shelf.py"},
    "babel": {"digest/render/language.py", "digest/render/translation.py"},
    "apscheduler": {"digest/scheduler.py"},
    "procrastinate": {"digest/cluster.py"},
    "cronsim": {"digest/slots.py"},
    "smtplib": {"digest/delivery/smtp.py"},
    "nh3": {"digest/content/sanitise.py"},
    "tinycss2": {"digest/render/lint/css.py"},
    "feedparser": {"digest/sources/feed.py"},
    "httpx2": {"digest/sources/http.py"},
    "httpcore2": {"digest/sources/http.py", "digest/sources/connection.py"},
    "itsdangerous": {"subscribers/tokens.py"},
    "email_validator": {"subscribers/address.py"},
    "cryptography": {"digest/delivery/dkim_key.py"},
    "dns": {"digest/delivery/dns_text.py"},
    "uvicorn": {"digest/web/serve.py"},
    "tomlkit": {"digest/set_values.py"},
    "alembic": {"digest/database.py", "digest/migrations/env.py"},
    "argon2": {"digest/accounts/argon.py"},
}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("library", sorted(OWNERS))
def test_every_outside_library_has_one_owner(library: str) -> None:
    users = {str(path.relative_to(ROOT)) for path in SOURCES if library in set(imports(path)) and "migrations/versions" not in str(path)}
    assert users == OWNERS[library]


def test_only_the_pages_know_the_web_framework() -> None:
    users = {str(path.relative_to(ROOT)) for path in SOURCES if "starlette" in set(imports(path))}
    assert {path for path in users if not path.startswith(("digest/web/", "digest/desk/"))} == set()


def test_only_shells_and_wiring_look_at_the_clock() -> None:
    asks = re.compile(r"datetime\.(now|today|utcnow)\(|\btime\.time\(|date\.today\(")
    users = {str(path.relative_to(ROOT)) for path in SOURCES if asks.search(path.read_text())}
    assert {path for path in users if not path.startswith("digest/cli/")} <= {"digest/wiring.py"}


def test_no_module_is_called_by_a_word_that_says_nothing() -> None:
    empty = {"utils", "util", "helpers", "helper", "common", "misc", "base", "core", "manager", "tools"}
    assert not [path for path in SOURCES if path.stem in empty]


def test_every_command_is_in_the_readme_and_has_its_line_of_help() -> None:
    readme = (ROOT / "README.md").read_text()
    assert set(COMMANDS) == set(SHORT_HELP)
    assert [name for name in COMMANDS if f"digest {name}" not in readme] == []


def test_every_package_is_in_the_readmes_map() -> None:
    readme = (ROOT / "README.md").read_text()
    packages = {path.parent.name for path in SOURCES if path.name == "__init__.py"} - {"digest", "migrations"}
    assert [name for name in sorted(packages) if f"{name}/" not in readme] == []


def keys(model: type[BaseModel], seen: frozenset[type[BaseModel]] = frozenset()) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield field.alias or name
        for part in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(part, type) and issubclass(part, BaseModel) and part not in seen:
                yield from keys(part, seen | {part})


def test_every_setting_is_documented() -> None:
    documented = (ROOT / "docs" / "settings.md").read_text()
    tables = set(re.findall(r"[\[.](\w+)[\].]", documented))
    missing = {key for key in keys(Settings) if f"`{key}`" not in documented and key not in tables}
    assert missing == {"slug"}  # the table's own name


def test_the_settings_file_that_init_writes_is_valid_with_every_line_switched_on(tmp_path: Path) -> None:
    text = (ROOT / "digest" / "cli" / "new.toml").read_text().replace("@ZONE@", "UTC").replace("@URL@", "https://lantern.example")
    parse(tomllib.loads(text), folder=tmp_path)
    switched_on = re.sub(r'^# (?=\[+[\w.]+\]|"?[\w ]+"? = )', "", text, flags=re.MULTILINE)
    parse(tomllib.loads(switched_on), folder=tmp_path)


def test_the_changelog_names_this_version() -> None:
    version = re.search(r'__version__ = "([^"]+)"', (ROOT / "digest" / "__init__.py").read_text())
    assert version is not None
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert "## Unreleased" in changelog or f"## {version[1]}" in changelog
