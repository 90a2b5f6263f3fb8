"""Where a signal belongs: its source, site and team, and whether the sender may say so."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from django.utils.functional import cached_property

from exceptions_app.asking import asked
from exceptions_app.errors import NotPermitted
from exceptions_app.intake.items import Item, Place, Placed, SubjectKey, kept
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.people.models import Site
from exceptions_app.subjects.models import Subject
from exceptions_app.vocabulary import Outcome

#: Sources, sites and teams that are named, and the sites that the sources stand for.
KNOWN = """
    WITH named AS (SELECT id, slug, site_id FROM exceptions_app_source WHERE slug = ANY(%s))
    SELECT 'source', slug, id, site_id FROM named
    UNION ALL SELECT 'site', slug, id, NULL FROM exceptions_app_site
        WHERE slug = ANY(%s) OR id IN (SELECT site_id FROM named)
    UNION ALL SELECT 'team', slug, id, site_id FROM exceptions_app_team WHERE slug = ANY(%s)
"""

#: A source, a site and a team by their short names; empty if none is named.
Named = tuple[str, str, str]


class Places:
    """Sources, sites and teams by name, read once per post and in one statement."""

    def __init__(self, by: Actor) -> None:
        if not access.may_somewhere(by, "send_signals"):
            raise NotPermitted("This sign-in may not send signals. Use a token of an integrator.")
        self.by = by
        self.sites: dict[str, int] = {}
        self.teams: dict[tuple[int, str], int] = {}
        self.sources: dict[str, tuple[int, int | None]] = {}
        self.allowed: frozenset[int] = frozenset()
        self.seen: dict[Named, Place | dict[str, str]] = {}

    def find(self, items: Sequence[Item]) -> list[Placed]:
        """The understood items with their places; all learn what is wrong with theirs."""
        named = [named_by(item) for item in items]
        self.read(*({names[part] for names in named} for part in range(3)))
        placed = []
        for item, names in zip(items, named, strict=True):
            place = self.place(names)
            if isinstance(place, Place):
                placed += [Placed(item, item.signal, place)] if item.signal else []
            elif isinstance(item.sent, dict):
                more = {name: why for name, why in place.items() if name not in item.errors}
                item.errors = {**item.errors, **more}
        return placed

    def read(
        self, sources: Collection[str], sites: Collection[str], teams: Collection[str]
    ) -> None:
        found: list[tuple[int, str, int]] = []
        for what, slug, pk, site in asked(KNOWN, [list(sources), list(sites), list(teams)]):
            if what == "site":
                self.sites[slug] = pk
            elif what == "team":
                found.append((site, slug, pk))
            else:
                self.sources[slug] = (pk, site)
        self.allowed = frozenset(
            pk for pk in self.sites.values() if access.may(self.by, "send_signals", site_id=pk)
        )
        self.teams = {
            (site, slug): pk
            for site, slug, pk in found
            if access.may(self.by, "send_signals", site_id=site, team_id=pk)
        }

    def place(self, names: Named) -> Place | dict[str, str]:
        """The same for all signals that name the same."""
        if names not in self.seen:
            self.seen[names] = self.looked_up(*names)
        return self.seen[names]

    def looked_up(self, source: str, site: str, team: str) -> Place | dict[str, str]:
        """Where that is, or all that is wrong with it."""
        wrong = {}
        source_id, default = self.sources.get(source, (0, None))
        if not source_id:
            wrong["source"] = f"There is no source “{source}”. An administrator can add it."
        elif default is not None and default not in self.allowed:
            wrong["source"] = f"“{source}” is the source of a site that is not yours."
        site_id = self.sites.get(site, 0) if site else default or 0
        if site_id not in self.allowed and (site or not wrong):
            given = (
                f"“{site}” is no site of yours." if site else "The source has no site of its own."
            )
            wrong["subject.site"] = f"{given} Name one of {', '.join(self.yours) or 'none'}."
        team_id = self.teams.get((site_id, team)) if team else None
        if team and team_id is None and site_id in self.allowed:
            wrong["subject.team"] = f"“{team}” is no team of yours at this site."
        return wrong or Place(source_id, site_id, team_id)

    @cached_property
    def yours(self) -> list[str]:
        """The sites that may be named."""
        every = Site.objects.order_by("slug").values_list("slug", "pk")
        return [slug for slug, pk in every if access.may(self.by, "send_signals", site_id=pk)]


def named_by(item: Item) -> Named:
    """The source, site and team that it names, understood or not."""
    if item.signal is not None:
        return item.signal.source, item.signal.site, item.signal.team
    subject = item.sent.get("subject") if isinstance(item.sent, dict) else None
    return word(item.sent, "source", 50), word(subject, "site", 50), word(subject, "team", 50)


def word(sent: object, name: str, most: int) -> str:
    """What was sent under a name, if it is text, as far as PostgreSQL can be asked for it."""
    value = sent.get(name) if isinstance(sent, dict) else None
    return kept(value.strip(), most) if isinstance(value, str) else ""


def refuse_foreign(
    placed: Iterable[Placed], subjects: Mapping[SubjectKey, Subject], *, by: Actor
) -> None:
    """Refuse what is about subjects of teams that the sender does not send for."""
    foreign = {
        key
        for key, subject in subjects.items()
        if not access.may(by, "send_signals", site_id=key[0], team_id=subject.team_id)
    }
    for one in placed:
        if one.key in foreign:
            one.item.settle(
                Outcome.REFUSED,
                {"subject.reference": "This subject belongs to a team that you do not send for."},
            )
