"""Templates that are at hand: an environment that reads no file, for where nothing can be opened."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from importlib import import_module
from types import CodeType

from jinja2 import BaseLoader, BytecodeCache, TemplateNotFound
from jinja2.bccache import Bucket

from digest.render.environment import Environment, environment_over
from digest.render.theme import Sources


def shelved(sources: Sources, language: str, zone: str) -> Environment:
    """An environment over these templates. What was compiled before, for this language and zone, is not compiled again."""
    made = environment_over(_Shelf(sources), language, zone)
    made.bytecode_cache = _compiled(language, zone)
    return made


def warm(made: Environment) -> Environment:
    """The same, with all loaded that drawing may come to need: for where nothing can be opened while it draws."""
    for module in ("jinja2.debug", "pprint"):  # which Jinja loads when a template fails, or asks for the filter of that name
        import_module(module)
    made.from_string("{{ 'a\\n'|upper }}{% trans %}a{% endtrans %}").render()
    for length in ("full", "long", "medium", "short"):
        made.filters["day"](datetime.fromtimestamp(0, UTC), length)
    made.filters["clock"](datetime.fromtimestamp(0, UTC))
    made.filters["hour"](0)
    made.filters["listed"](["a", "b", "c"])
    made.filters["number"](1000)
    return made


@lru_cache(maxsize=8)
def _compiled(language: str, zone: str) -> "_Compiled":
    """Words in a template that never change are put into a language when it is compiled."""
    return _Compiled()


class _Compiled(BytecodeCache):
    """Of each file the latest: somebody changes one of forty, and looks."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code = {key: code for key, code in self._code.items() if key[0] != bucket.key}
        self._code[bucket.key, bucket.checksum] = bucket.code


class _Shelf(BaseLoader):
    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        name = "/".join(part for part in template.split("/") if part not in ("", "."))
        if name not in self._sources:
            raise TemplateNotFound(template)
        text, file = self._sources[name]
        return text, file, lambda: True
