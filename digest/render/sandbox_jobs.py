"""What is asked of a process that draws: frozen values, sent as they are."""

import struct
from dataclasses import dataclass

from digest.editions.values import Edition
from digest.render.look import Look
from digest.render.theme import Sources

LENGTH = struct.Struct("!Q")  # goes before each job and each answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """See `paint`; the templates go with it, for the process reads none. `seconds`: of work, and no more."""

    seconds: float
    sources: Sources
    edition: Edition
    look: Look
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inlining:
    seconds: float
    html: str
    engine: str


Job = Drawing | Inlining
