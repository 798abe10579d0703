"""Pieces of an export file to XML elements: each parsed strictly and on its own, with the namespaces that the file declares."""

import re
from collections.abc import Iterator
from dataclasses import replace

from lxml import etree
from lxml.etree import _Element as Element

from digest.sources.values import Problem
from digest.sources.wxr_pieces import Piece

# Characters that no XML document may hold, as themselves or by number; WordPress writes them all the same.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|&#0*(?:[0-8]|1[124-9]|2[0-9]|3[01]);|&#[xX]0*(?:[0-8bcefBCEF]|1[0-9a-fA-F]);")
_ROOT = re.compile(r"<rss\b[^<>]*>")
_PLACE = re.compile(r",? line \d+|, column \d+")
NAMESPACE = "http://wordpress.org/export/"


def find_root(header: str) -> str:
    """The start tag of the whole file, which declares the namespaces; empty where it is none of a WordPress export."""
    found = _ROOT.search(header)
    return " ".join(found[0].split()) if found and NAMESPACE in found[0] else ""


class Parser:
    """Parses piece by piece, and counts the forbidden characters that it dropped."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.dropped = 0
        self.first_dropped = 0  # its line

    def elements(self, piece: Piece) -> Iterator[tuple[int, Element] | Problem]:
        """The piece's element with its line; where it is broken, each of those it can be taken apart to."""
        whole = self._parse(self._allowed(piece))
        if not isinstance(whole, Problem):
            yield piece.line, whole
            return
        parts = piece.apart()
        if len(parts) == 1:
            yield whole
            return
        for part in parts:
            element = self._parse(replace(part, text=_FORBIDDEN.sub("", part.text)))
            yield element if isinstance(element, Problem) else (part.line, element)

    def _allowed(self, piece: Piece) -> Piece:
        found = _FORBIDDEN.search(piece.text)
        if found is None:
            return piece
        text, number = _FORBIDDEN.subn("", piece.text)
        self.dropped += number
        self.first_dropped = self.first_dropped or piece.line + piece.text.count("\n", 0, found.start())
        return replace(piece, text=text)

    def _parse(self, piece: Piece) -> Element | Problem:
        # Without limits on depth and length, which protect from entities: there are none, since no declaration can stand after the root.
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
        try:
            return etree.fromstring(f"{self.root}{piece.text}</rss>".encode(), parser)[0]
        except etree.XMLSyntaxError as error:
            line = piece.line + max(0, (error.lineno or 1) - 1)
            reason = _PLACE.sub("", error.msg or "no reason is known")
            return Problem(where=f"line {line}", what=f"What begins on line {piece.line} is not well-formed XML and was left out: {reason}.")
