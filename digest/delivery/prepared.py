"""Statements put together once and run thousands of times. SQLAlchemy's usual way takes 60 µs for a statement and 8 µs for each row before the driver
is even called: more than all else that a delivery costs the database."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BindParameter, Connection, Dialect, Update


class Prepared:
    """An `UPDATE` with bound parameters, run for many rows in one call."""

    def __init__(self, statement: Update) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: Connection, shared: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> int:
        """How many rows it changed in all. `shared` values are the same in every row."""
        if not rows:
            return 0
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _Compiled(self._statement, dialect)
        return connection.exec_driver_sql(compiled.sql, compiled.rows(shared, rows)).rowcount


class _Compiled:
    def __init__(self, statement: Update, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self.sql = str(compiled)
        self._order = getattr(compiled, "positiontup", None)
        binds: Mapping[str, BindParameter[Any]] = getattr(compiled, "binds")  # noqa: B009 - not of the base class
        self._convert = {name: convert for name, bind in binds.items() if (convert := bind.type.dialect_impl(dialect).bind_processor(dialect))}
        self._fixed = {name: self._converted(name, bind.value) for name, bind in binds.items() if not bind.required}

    def rows(self, shared: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Any:
        """As the driver takes them: tuples where it counts, mappings where it knows names."""
        start = self._fixed | {name: self._converted(name, value) for name, value in shared.items()}
        whole = [start | {name: self._converted(name, value) for name, value in row.items()} for row in rows]
        return [tuple([row[name] for name in self._order]) for row in whole] if self._order is not None else whole

    def _converted(self, name: str, value: Any) -> Any:
        convert = self._convert.get(name)
        return convert(value) if convert else value
