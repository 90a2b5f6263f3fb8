"""Where a signal belongs: its source, site and team, and whether the sender may say so."""

from collections.abc import Iterable, Mapping

from exceptions_app.errors import NotPermitted
from exceptions_app.intake.items import Item, Place, Placed, SubjectKey
from exceptions_app.intake.shape import NewSignal
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.people.models import Site, Team
from exceptions_app.subjects.models import Source, Subject
from exceptions_app.vocabulary import Outcome


class Places:
    """Sources, sites and teams by name, read once per post."""

    def __init__(self, by: Actor) -> None:
        if not access.may_somewhere(by, "send_signals"):
            raise NotPermitted("This sign-in may not send signals. Use a token of an integrator.")
        self.by = by
        self.sites = dict(Site.objects.values_list("slug", "pk"))
        self.teams = {
            (site, slug): pk
            for site, slug, pk in Team.objects.values_list("site_id", "slug", "pk")
            if access.may(by, "send_signals", site_id=site, team_id=pk)
        }
        self.allowed = {
            pk for pk in self.sites.values() if access.may(by, "send_signals", site_id=pk)
        }

    def find(self, items: Iterable[Item]) -> list[Placed]:
        """The understood items with their places; the others learn what is wrong with theirs."""
        understood = [(item, item.signal) for item in items if item.signal]
        known = Source.objects.filter(slug__in={signal.source for _, signal in understood})
        sources = {slug: (pk, site) for slug, pk, site in known.values_list("slug", "pk", "site")}
        placed = []
        for item, signal in understood:
            place = self.place(signal, sources)
            if isinstance(place, Place):
                placed.append(Placed(item, signal, place))
            else:
                item.errors = place
        return placed

    def place(
        self, signal: NewSignal, sources: Mapping[str, tuple[int, int | None]]
    ) -> Place | dict[str, str]:
        if signal.source not in sources:
            return {"source": f"There is no source “{signal.source}”. An administrator can add it."}
        source_id, default = sources[signal.source]
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
        return sorted(slug for slug, pk in self.sites.items() if pk in self.allowed)


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
