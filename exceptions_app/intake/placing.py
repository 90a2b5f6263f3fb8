"""Where a signal belongs: its source, site and team, and whether the sender may say so."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from exceptions_app.errors import NotPermitted
from exceptions_app.intake.items import Item, Place, Placed, SubjectKey, kept
from exceptions_app.intake.shape import NewSignal
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.people.models import Site
from exceptions_app.subjects.asking import asked
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
        self.seen: dict[tuple[str, str, str], Place | dict[str, str]] = {}

    def find(self, items: Sequence[Item]) -> list[Placed]:
        """The understood items with their places; the others learn what is wrong with theirs."""
        said = [item.signal for item in items if item.signal is not None]
        self.read(
            {name for item in items if (name := source_of(item))},
            {signal.site for signal in said} | {site_said(item.sent) for item in items},
            {signal.team for signal in said},
        )
        placed = []
        for item in items:
            if item.signal is None:
                continue
            place = self.place(item.signal)
            if isinstance(place, Place):
                placed.append(Placed(item, item.signal, place))
            else:
                item.errors = place
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

    def place(self, signal: NewSignal) -> Place | dict[str, str]:
        """The same for all signals that name the same."""
        key = (signal.source, signal.site, signal.team)
        if key not in self.seen:
            self.seen[key] = self.looked_up(signal)
        return self.seen[key]

    def looked_up(self, signal: NewSignal) -> Place | dict[str, str]:
        if signal.source not in self.sources:
            return {"source": f"There is no source “{signal.source}”. An administrator can add it."}
        source_id, default = self.sources[signal.source]
        if default is not None and default not in self.allowed:
            return {"source": f"“{signal.source}” is the source of a site that is not yours."}
        site_id = self.sites.get(signal.site) if signal.site else default
        if site_id is None or site_id not in self.allowed:
            given = (
                f"“{signal.site}” is no site of yours."
                if signal.site
                else "The source has no site of its own."
            )
            return {
                "subject.site": f"{given} Name one of {', '.join(self.allowed_slugs()) or 'none'}."
            }
        team_id = self.teams.get((site_id, signal.team)) if signal.team else None
        if signal.team and team_id is None:
            return {"subject.team": f"“{signal.team}” is no team of yours at this site."}
        return Place(source_id, site_id, team_id)

    def allowed_slugs(self) -> list[str]:
        every = Site.objects.order_by("slug").values_list("slug", "pk")
        return [slug for slug, pk in every if access.may(self.by, "send_signals", site_id=pk)]


def source_of(item: Item) -> str:
    """What an item names as its source, understood or not, as far as PostgreSQL can be asked for it."""
    if item.signal is not None:
        return item.signal.source
    return word(item.sent, "source", 50)


def site_said(sent: object) -> str:
    """The site that was sent with the subject, understood or not."""
    return word(sent.get("subject"), "site", 120) if isinstance(sent, dict) else ""


def word(sent: object, name: str, most: int) -> str:
    """What was sent under a name, if it is text."""
    value = sent.get(name) if isinstance(sent, dict) else None
    return kept(value, most) if isinstance(value, str) else ""


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
