"""What a template may reach: values and their plain attributes, and nothing that reads files, unpickles or never ends."""

from typing import Any

from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel

_LARGEST_POWER = 4_096  # bits: beyond it one `**` may take minutes, within which nothing can be interrupted


class Guarded(ImmutableSandboxedEnvironment):
    """Jinja's own sandbox, which knows neither pydantic nor what chance does to a page."""

    intercepted_binops = frozenset({"**"})

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        # Equal editions give equal pages: nothing is drawn by lot.
        del self.globals["lipsum"], self.filters["random"]

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Of a pydantic model its fields and what its own class adds: `parse_raw` and its kin unpickle whatever they are given, which is any code."""
        if isinstance(obj, BaseModel) and hasattr(BaseModel, attr):
            return False
        return super().is_safe_attribute(obj, attr, value)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """The only operator that comes here is `**`."""
        if isinstance(left, int) and isinstance(right, int) and left.bit_length() * abs(right) > _LARGEST_POWER:
            raise SecurityError(f"{left:.3g} ** {right:.3g} is too large a number.")
        return super().call_binop(context, operator, left, right)
