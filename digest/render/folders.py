"""Where the program's own templates and catalogs lie."""

from functools import lru_cache
from importlib.resources import files
from pathlib import Path


@lru_cache(maxsize=1)
def templates_folder() -> Path:
    """The folder of the templates: inside the package in an installed wheel, beside it in a checkout."""
    package = Path(str(files("digest")))
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"
