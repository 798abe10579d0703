"""Makes `caniemail.json` again from caniemail's own data: python -m digest.render.lint.make_table FILE

FILE is https://www.caniemail.com/api/data.json, or data/caniemail.json of the npm package `caniemail`. What is kept is how each mail program's newest
tested version stands to each feature, and the notes on that. A feature that is new has to be named in detectors.toml; a test says which.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("caniemail.json")
SOURCE = "https://www.caniemail.com/api/data.json"
LICENCE = "MIT; Copyright (c) 2019 Rémi Parmentier; Copyright © Avi Goldman; Copyright © Andrew Powell: see caniemail.LICENSE.txt"
UNTESTED = "-"


def client_of(family: str, platform: str) -> str:
    """How a mail program is named in the settings: `gmail-ios`, `outlook-windows`, `outlook-com`."""
    name = platform.replace("desktop-webmail", "webmail")
    return name if name.startswith(family) else f"{family}-{name}"


def compact(given: Mapping[str, Any]) -> dict[str, Any]:
    names = given["nicenames"]
    clients: dict[str, str] = {}
    for feature in given["data"]:
        for family, platforms in feature["stats"].items():
            for platform in platforms:
                client = client_of(family, platform)
                plain = names["platform"].get(platform, platform)
                clients[client] = plain if client == platform else f"{names['family'][family]} ({plain})"
    clients = dict(sorted(clients.items()))
    return {
        "source": SOURCE,
        "updated": given["last_update_date"][:10],
        "licence": LICENCE,
        "clients": clients,
        "features": {feature["slug"]: _feature(feature, list(clients)) for feature in given["data"]},
    }


def _feature(feature: Mapping[str, Any], clients: list[str]) -> dict[str, Any]:
    """`support` has a letter for each client in order: y(es), a(lmost), n(o), u(nknown), or – where nobody has tested it – a dash."""
    newest = {
        client_of(family, platform): list(versions.values())[-1].split()
        for family, platforms in feature["stats"].items()
        for platform, versions in platforms.items()
        if versions
    }
    support = "".join(newest[client][0] if newest.get(client) else UNTESTED for client in clients)
    return {"title": feature["title"].strip(), "support": support, **_notes(feature, newest)}


def _notes(feature: Mapping[str, Any], newest: Mapping[str, list[str]]) -> dict[str, Any]:
    """The notes on what is not fully supported, each with the clients that it is about."""
    about: dict[str, list[str]] = defaultdict(list)
    for client, (state, *numbers) in sorted((client, words) for client, words in newest.items() if words):
        for number in numbers if state in "an" else ():
            text = (feature["notes_by_num"] or {}).get(number.lstrip("#"))
            if text:
                about[" ".join(text.split())].append(client)
    return {"notes": {text: " ".join(found) for text, found in about.items()}} if about else {}


def write(given: Mapping[str, Any], path: Path) -> None:
    """One feature a line, so that a change of the data can be read."""
    table = compact(given)
    features = table.pop("features")
    lines = ",\n".join(f"  {json.dumps(slug)}: {json.dumps(one, ensure_ascii=False)}" for slug, one in sorted(features.items()))
    head = json.dumps(table, ensure_ascii=False, indent=1)[:-2]
    path.write_text(f'{head},\n "features": {{\n{lines}\n }}\n}}\n', encoding="utf-8")


if __name__ == "__main__":
    write(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), TABLE)
