"""What else is known of a person: one value of `Subscriber.attributes`, as a column of SQL and as somebody writes it."""

import unicodedata
from typing import Any

from sqlalchemy import Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from subscribers.errors import BadAttribute
from subscribers.form_text import UNFIT

KEY_CHARACTERS, VALUE_CHARACTERS = 100, 1_000


class attribute(GenericFunction[str]):  # noqa: N801 - named as it is written in a statement
    """`attribute(Subscriber.attributes, "plan")`: the value as text; NULL where there is none.

    The key is only ever a bound value that is compared with the object's keys. What both databases offer as a path ($.plan, {plan}) has a syntax of
    its own, and a key that holds a quotation mark, a dot or a dollar would be read as something else.
    """

    type = Text()
    inherit_cache = True


@compiles(attribute, "postgresql")
def _on_postgresql(element: attribute, compiler: SQLCompiler, **how: Any) -> str:
    attributes, key = (compiler.process(clause, **how) for clause in element.clauses)
    return f"({attributes} ->> CAST({key} AS TEXT))"


@compiles(attribute, "sqlite")
def _on_sqlite(element: attribute, compiler: SQLCompiler, **how: Any) -> str:
    attributes, key = (compiler.process(clause, **how) for clause in element.clauses)
    return f"(SELECT CAST(one.value AS TEXT) FROM json_each({attributes}) AS one WHERE one.key = {key})"  # noqa: S608 - bound values


def parse_attribute(text: str) -> tuple[str, str]:
    """Key and value of `key=value`, blanks around them taken off; an empty value takes the attribute away. `BadAttribute` says what is wrong."""
    key, mark, value = (part.strip() for part in text.partition("="))
    if not key or not mark:
        raise BadAttribute("An attribute is written as key=value.")
    if len(key) > KEY_CHARACTERS or len(value) > VALUE_CHARACTERS:
        raise BadAttribute(f"An attribute's key has {KEY_CHARACTERS} characters at most, its value {VALUE_CHARACTERS}.")
    # PostgreSQL takes a NUL into JSON, and then cannot get anything out of it any more.
    if any(unicodedata.category(character) in UNFIT for character in key + value):
        raise BadAttribute("An attribute is one line without control characters.")
    return key, value
