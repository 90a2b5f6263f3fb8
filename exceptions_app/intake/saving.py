"""Mappings that staff write: saved by name, every version kept with who and when (I3, I4)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from exceptions_app.errors import NotFound, Refused, Stale
from exceptions_app.intake import expressions, mappings
from exceptions_app.intake.accept import accept
from exceptions_app.intake.columns import ColumnMapping
from exceptions_app.intake.models import MappingVersion, SavedMapping
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.people.models import known_zone
from exceptions_app.subjects.models import Receipt, Source
from exceptions_app.vocabulary import MappingKind

VERB = "map_signals"
#: A mapping belongs where its source does.
SITE = "source__site_id"


def insist(by: Actor) -> None:
    """Refuse those who write no mappings anywhere."""
    if not access.may_somewhere(by, VERB):
        access.insist(by, VERB)


def sources(by: Actor) -> list[Source]:
    """The sources that this person may write mappings for."""
    rows = Source.objects.select_related("site")
    return list(access.visible(rows, by, verb=VERB, team=""))


def listed(by: Actor, kind: MappingKind | None = None) -> list[SavedMapping]:
    insist(by)
    found = access.visible(
        SavedMapping.objects.select_related("source"), by, verb=VERB, site=SITE, team=""
    )
    return list(found.filter(kind=kind) if kind else found)


def one(slug: str, *, by: Actor) -> SavedMapping:
    insist(by)
    rows = SavedMapping.objects.select_related("source").filter(slug=slug)
    found = access.visible(rows, by, verb=VERB, site=SITE, team="").first()
    if found is None:
        raise NotFound(
            "There is no such mapping, or it is for a source of a site that is not yours."
        )
    return found


def versions(mapping: SavedMapping) -> Sequence[MappingVersion]:
    return list(mapping.versions.select_related("source"))


def keep(mapping: SavedMapping, *, seen: int = 0, by: Actor, at: datetime) -> SavedMapping:
    """Save a new mapping, or a new version of one; ``seen`` is the version that the person changed."""
    insist_on_source(mapping.source, by)
    check(mapping)
    mapping.changed_at, mapping.changed_by = at, by.name
    if mapping._state.adding:
        mapping.version = 1
        mapping.slug = mapping.slug or slugify(mapping.name)[:50] or "mapping"
    return kept(mapping, seen, by)


@transaction.atomic
def kept(mapping: SavedMapping, seen: int, by: Actor) -> SavedMapping:
    if mapping._state.adding:
        created(mapping)
    else:
        now = SavedMapping.objects.select_for_update().get(pk=mapping.pk)
        if seen and now.version != seen:
            raise Stale(f"{now.changed_by} changed it since you looked. Load it again.")
        mapping.version = now.version + 1
        mapping.save(force_update=True)
    MappingVersion.objects.create(
        mapping=mapping,
        number=mapping.version,
        name=mapping.name,
        source=mapping.source,
        zone=mapping.zone,
        body=mapping.body,
        at=mapping.changed_at,
        actor_name=by.name,
        actor_id=by.id,
    )
    return mapping


def created(mapping: SavedMapping) -> None:
    taken = Refused(
        f"There is a mapping “{mapping.slug}” already.", {"name": "This name is taken."}
    )
    if mapping.slug in (*mappings.shipped(), "new"):
        raise taken
    try:
        with transaction.atomic():
            mapping.save(force_insert=True)
    except IntegrityError:
        raise taken from None


def columns_named(name: str, source: Source, *, by: Actor) -> SavedMapping:
    """The column mapping of this name and source, to be changed; or a new one."""
    rows = listed(by, MappingKind.CSV)
    found = next((one for one in rows if (one.name, one.source_id) == (name, source.pk)), None)
    return found or SavedMapping(kind=MappingKind.CSV, name=name, source=source)


def insist_on_source(source: Source, by: Actor) -> None:
    access.insist(by, VERB, site_id=source.site_id)


def check(mapping: SavedMapping) -> None:
    """Refuse what could not be used."""
    if not mapping.name.strip():
        raise Refused("Name the mapping.", {"name": "Name it, so that others find it."})
    try:
        known_zone(mapping.zone)
    except ValidationError as error:
        raise Refused.about("zone", error.messages[0]) from None
    if mapping.kind == MappingKind.JSON:
        expressions.checked(mapping.body)
    else:
        mappings.of_saved(mapping)


def restore(slug: str, number: int, *, by: Actor, at: datetime) -> SavedMapping:
    """Have an earlier version hold again; what came after it stays in the history."""
    found = one(slug, by=by)
    old = found.versions.select_related("source").filter(number=number).first()
    if old is None:
        raise NotFound("There is no such version.")
    found.name, found.source, found.zone, found.body = old.name, old.source, old.zone, old.body
    return keep(found, by=by, at=at)


def columns_of(name: str, *, by: Actor) -> ColumnMapping:
    """A column mapping by its name: a saved one of theirs, or one that comes along."""
    saved = SavedMapping.objects.filter(slug=name, kind=MappingKind.CSV)
    if saved.exists():
        return mappings.of_saved(one(name, by=by))
    if name not in mappings.shipped():
        raise NotFound(f"There is no mapping “{name}”.")
    return mappings.shipped()[name]


def signals_of(mapping: SavedMapping, body: Any) -> list[Any]:
    """What a JSON mapping makes of a body."""
    if mapping.kind != MappingKind.JSON:
        raise Refused(f"“{mapping.name}” reads CSV files. Upload one under Imports.")
    return expressions.signals_of(mapping.body, body, source=mapping.source.slug, zone=mapping.zone)


def accept_mapped(slug: str, body: Any, *, by: Actor, at: datetime) -> Receipt:
    """Take in a foreign body by a saved mapping, as if its sender spoke our language (I3)."""
    items = signals_of(one(slug, by=by), body)
    if not items:
        raise Refused(
            "The mapping makes no signal of this body.", {"": "No signal came out of it."}
        )
    return accept(items, by=by, at=at)
