"""A `Choice` as a plain dictionary for a JSON column, and back. Ids, figures and reasons: no reader's text."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from digest.editions.values import Choice, Kind, PassedOver, Pick, Place, Term


def to_json(choice: Choice) -> dict[str, Any]:
    """Only strings, numbers, lists, dictionaries, truth values and None."""
    return {
        "newsletter": choice.newsletter,
        "window_start": choice.window_start.isoformat(),
        "cutoff": choice.cutoff.isoformat(),
        "picks": [_pick_to_json(pick) for pick in choice.picks],
        "passed_over": [_passed_to_json(passed) for passed in choice.passed_over],
        "considered": list(choice.considered),
        "new_articles": choice.new_articles,
        "enough": choice.enough,
        "notes": list(choice.notes),
    }


def from_json(record: Mapping[str, Any]) -> Choice:
    """The value that `to_json` was given."""
    return Choice(
        newsletter=record["newsletter"],
        window_start=datetime.fromisoformat(record["window_start"]),
        cutoff=datetime.fromisoformat(record["cutoff"]),
        picks=tuple(_pick(pick) for pick in record["picks"]),
        passed_over=tuple(_passed(passed) for passed in record["passed_over"]),
        considered=tuple(record["considered"]),
        new_articles=record["new_articles"],
        enough=record["enough"],
        notes=tuple(record["notes"]),
    )


def _pick_to_json(pick: Pick) -> dict[str, Any]:
    return {**asdict(pick), "kind": pick.kind.value, "place": pick.place.value, "terms": _terms_to_json(pick.terms), "also": list(pick.also)}


def _passed_to_json(passed: PassedOver) -> dict[str, Any]:
    return {**asdict(passed), "kind": passed.kind.value, "terms": _terms_to_json(passed.terms)}


def _terms_to_json(terms: Sequence[Term]) -> list[dict[str, Any]]:
    return [{"name": term.name, "value": term.value, "note": term.note} for term in terms]


def _pick(record: Mapping[str, Any]) -> Pick:
    return Pick(**{**record, "kind": Kind(record["kind"]), "place": Place(record["place"]), "terms": _terms(record), "also": tuple(record["also"])})


def _passed(record: Mapping[str, Any]) -> PassedOver:
    return PassedOver(**{**record, "kind": Kind(record["kind"]), "terms": _terms(record)})


def _terms(record: Mapping[str, Any]) -> tuple[Term, ...]:
    return tuple(Term(**term) for term in record["terms"])
