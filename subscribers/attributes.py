"""What else is known of a person, as a column of SQL: one value of `Subscriber.attributes`, as text."""

from typing import Any

from sqlalchemy import Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction


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
