"""Finding a column mapping by its name: the files that come along, a file of yours, or a saved row (I4)."""

import json
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from exceptions_app.errors import NotFound, Refused
from exceptions_app.intake.columns import ColumnMapping
from exceptions_app.intake.documents import compiled

SHIPPED = Path(__file__).parent / "shipped"
SUFFIXES = (".toml", ".json")


def find(name: str) -> ColumnMapping:
    """The mapping in this file, or of this name."""
    if name.endswith(SUFFIXES):
        path = Path(name)
        if not path.is_file():
            raise NotFound(f"There is no file {path}.")
        return compiled(read(path.read_text(encoding="utf-8"), path.suffix), path.stem)
    found = shipped().get(name)
    if found is None:
        raise NotFound(f"There is no mapping “{name}”. There are {', '.join(sorted(shipped()))}.")
    return found


@cache
def shipped() -> Mapping[str, ColumnMapping]:
    """Those that come along, by name and alias."""
    found: dict[str, ColumnMapping] = {}
    for path in sorted(SHIPPED.glob("*.toml")):
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        mapping = compiled(document, path.stem)
        found |= dict.fromkeys((path.stem, *document.get("aliases", ())), mapping)
    return found


def read(text: str, suffix: str = ".toml") -> dict[str, Any]:
    """A document as it is written: TOML, or JSON."""
    try:
        document = json.loads(text) if suffix == ".json" else tomllib.loads(text)
    except ValueError as error:
        kind = suffix.strip(".").upper()
        raise Refused(f"This is no {kind}: {error}.", {"": f"{error}"}) from None
    if not isinstance(document, dict):
        raise Refused("A mapping is a table.", {"": "Must be a table."})
    return document
