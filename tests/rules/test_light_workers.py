"""What only hands over loads nothing that reads, draws, fetches or schedules: a worker stays small, and there may be many of them."""

import subprocess
import sys

import pytest

HEAVY = {"apscheduler", "babel", "cryptography", "cssutils", "feedparser", "httpx2", "jinja2", "lxml", "nh3", "premailer"}


@pytest.mark.parametrize("module", ["digest.deliver", "digest.cli.work"])
def test_a_worker_loads_no_library_that_it_does_not_need(module: str) -> None:
    script = f"import sys, {module}; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    loaded = set(subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout.split())
    assert "sqlalchemy" in loaded
    assert not loaded & HEAVY
