"""Moves simple style rules into style attributes. The one module that knows premailer, cssutils and css-inline.

A page has two style blocks. The first holds plain rules and is inlined away. The second is marked
`data-premailer="ignore" data-css-inline="keep"` and stays as it is: media queries, dark mode, :hover.
"""

import logging
import os
from importlib import import_module

# Before premailer is imported, which asks for it then. Left alone it keeps the 128 texts that it meets the oftenest; a mail has more, and the whole
# sheet, met once a mail, goes first: each mail had it parsed anew, which took more than half of its time.
os.environ.setdefault("PREMAILER_CACHE", "LRU")
os.environ.setdefault("PREMAILER_CACHE_MAXSIZE", "1024")

import cssutils
from premailer import Premailer

from digest.errors import SettingsError, TemplateError

# cssutils shouts at every property it does not know (mso-…), on a logger that is global and sticky.
cssutils.log.setLevel(logging.CRITICAL)


def _fetch_nothing(address: str) -> None:
    """An @import in a theme would have cssutils go to the network, whatever premailer is told."""


cssutils.util._defaultFetcher = _fetch_nothing


def inline(html: str, engine: str = "premailer") -> str:
    """The page with its first style block inlined, by `premailer` or by `fast`: css-inline, from the extra of that name."""
    if not html.startswith("<!DOCTYPE"):
        raise TemplateError("A page must begin with <!DOCTYPE html> in capitals: premailer drops the lower-case one.")
    if engine not in _ENGINES:
        raise SettingsError(f"There is no inlining engine “{engine}”; use {' or '.join(_ENGINES)}.")
    return _ENGINES[engine](html).rstrip() + "\n"


def _with_premailer(html: str) -> str:
    made = Premailer(
        html,
        allow_network=False,
        allow_loading_external_files=False,
        keep_style_tags=False,
        strip_important=False,  # the default also strips the kept media rules: no dark mode, no phone layout
        remove_classes=False,  # the kept block finds its elements by class
        disable_validation=True,
        align_floating_images="float" in html,  # it has the style of every picture parsed again
        cache_css_parsing=True,
        cssutils_logging_level=logging.CRITICAL,
        # It writes height="auto" and bgcolor on links, neither of which is HTML, and align="left" on a table whose text is set left: that floats it.
        disable_basic_attributes=["width", "height", "bgcolor", "align"],
    )
    return str(made.transform())


def _with_css_inline(html: str) -> str:
    try:
        css_inline = import_module("css_inline")
    except ImportError as error:
        raise SettingsError("The fast engine is not installed: pip install newsletter-digest[fast].") from error
    made = css_inline.CSSInliner(keep_style_tags=False, keep_link_tags=True, load_remote_stylesheets=False)
    return str(made.inline(html))


_ENGINES = {"premailer": _with_premailer, "fast": _with_css_inline}
