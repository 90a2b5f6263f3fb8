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
from exceptions_app.intake.models import SavedMapping
from exceptions_app.vocabulary import MappingKind

SHIPPED = Path(__file__).parent / "shipped"
SUFFIXES = (".toml", ".json")


def find(name: str) -> ColumnMapping:
    """The mapping in this file, or of this name."""
    if name.endswith(SUFFIXES):
        path = Path(name)
        if not path.is_file():
            raise NotFound(f"There is no file {path}.")
        return compiled(read(path.read_text(encoding="utf-8"), path.suffix), path.stem)
    if name in shipped():
        return shipped()[name]
    saved = SavedMapping.objects.select_related("source__site").filter(slug=name)
    if found := saved.filter(kind=MappingKind.CSV).first():
        return of_saved(found)
    raise NotFound(f"There is no mapping “{name}”. Those that come along: {', '.join(shipped())}.")


def of_saved(saved: SavedMapping) -> ColumnMapping:
    """The column mapping that somebody saved; source, site and zone are beside its document."""
    document = read(saved.body, ".json")
    site = saved.source.site.slug if saved.source.site else saved.source.slug
    around = {"name": saved.name, "source": saved.source.slug, "site": site, "zone": saved.zone}
    return compiled(document | around, saved.slug)


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
