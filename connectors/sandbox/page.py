"""What has arrived, as rows for the page; whoever may not see a case does not see its ticket either."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from connectors.models import SandboxRecord
from connectors.registry import CATALOGUE
from connectors.sandbox.registry import STANDS
from connectors.sandbox.stand import RecordRow
from exceptions_app.models import Connection, Link
from exceptions_app.people import access
from exceptions_app.people.access import Actor

SHOWN = 50


@dataclass(frozen=True)
class Tab:
    slug: str
    label: str
    current: bool


def tabs(chosen: str) -> list[Tab]:
    """Every platform; without a choice, the one that something arrived at last."""
    newest = SandboxRecord.objects.values_list("connection__platform", flat=True).first()
    current = chosen or newest or CATALOGUE[-1].slug
    return [Tab(each.slug, each.name, each.slug == current) for each in CATALOGUE]


def connections(slug: str, *, by: Actor) -> list[tuple[int, str]]:
    """Whose stand-in this is, for those who may set connections up."""
    if not access.may(by, "configure"):
        return []
    here = Connection.objects.filter(platform=slug, sandbox=True).order_by("name")
    return list(here.values_list("pk", "name"))


def records(slug: str, *, by: Actor, asked: str) -> list[RecordRow]:
    """The newest first; the one that somebody came for is among them, however old it is."""
    rows = visible(by).filter(connection__platform=slug)
    rows = rows.select_related("connection").prefetch_related("notes")
    found = list(rows[:SHOWN])
    if asked and all(record.external_id != asked for record in found):
        found += rows.filter(external_id=asked)[:1]
    return [STANDS[slug].show(record) for record in found]


def visible(by: Actor) -> QuerySet[SandboxRecord]:
    """With the case that each stands for, as far as the actor may see it."""
    # Two connections may share an account: the stand-in knows a caller by the sign-in only.
    links = Link.objects.filter(
        connection__platform=OuterRef("connection__platform"), external_id=OuterRef("external_id")
    )
    seen = access.visible(links, by, site="case__site_id", team="case__team_id")
    rows = SandboxRecord.objects.annotate(
        case_id=Subquery(seen.values("case_id")[:1]),
        case_number=Subquery(seen.values("case__number")[:1]),
    )
    if not access.may(by, "configure"):
        # What nobody has linked yet could be anybody's.
        rows = rows.filter(Exists(seen))
    return rows


@dataclass(frozen=True)
class FaultRow:
    """A sandbox account, and what its stand-in was told to do wrong."""

    connection_id: int
    account: str
    kind: str
    left: int


def faults(slug: str) -> list[FaultRow]:
    every = Connection.objects.filter(platform=slug, sandbox=True).order_by("name")
    rows = every.values_list("pk", "name", "sandbox_fault__kind", "sandbox_fault__left")
    return [FaultRow(pk, name, kind or "", left or 0) for pk, name, kind, left in rows]
