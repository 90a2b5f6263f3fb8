"""What a report can be split by: how a case's group is read in SQL, and how a group is named and opened."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from exceptions_app.people.models import Site, Team, User
from exceptions_app.reports.doors import Door
from exceptions_app.vocabulary import ExceptionType, Severity


class Grouping(TextChoices):
    SITE = "site", _("site")
    TEAM = "team", _("team")
    TYPE = "type", _("type")
    SEVERITY = "severity", _("severity")
    ASSIGNEE = "assignee", _("owner")
    WEEK = "week", _("week")


#: A team's key names its site too; ``c`` is the case and ``t`` its team.
PLACE = "c.site_id || ' ' || coalesce(t.slug, '')"
KEYS: Mapping[Grouping, str] = {
    Grouping.SITE: "c.site_id::text",
    Grouping.TEAM: PLACE,
    Grouping.TYPE: "c.exception_type",
    Grouping.SEVERITY: "c.severity::text",
    Grouping.ASSIGNEE: "coalesce(c.assignee_id::text, '')",
    Grouping.WEEK: "''",
}


@dataclass(frozen=True, slots=True)
class Group:
    """One value of a grouping, and what narrows a list of cases to it."""

    label: str
    door: Door
    order: tuple[int, str]


def groups(grouping: Grouping, keys: Iterable[str]) -> dict[str, Group]:
    """The groups with these keys, worst severity first, else by name; at most two statements."""
    wanted = sorted(set(keys))
    if grouping in (Grouping.SITE, Grouping.TEAM):
        return places(wanted)
    if grouping == Grouping.ASSIGNEE:
        return owners(wanted)
    return {key: fixed(grouping, key) for key in wanted}


def fixed(grouping: Grouping, key: str) -> Group:
    if grouping == Grouping.SEVERITY:
        severity = Severity(int(key))
        label = str(severity.label)
        return Group(label, {"severity": (severity.slug,)}, (severity.value, label))
    label = str(ExceptionType(key).label)
    return Group(label, {"type": (key,)}, (0, label))


def places(keys: Iterable[str]) -> dict[str, Group]:
    """Sites, or teams at their sites: the key is the site's id, and a team's slug after a blank."""
    sites = {
        str(pk): (slug, name) for pk, slug, name in Site.objects.values_list("pk", "slug", "name")
    }
    teams = {
        (str(site), slug): name
        for site, slug, name in Team.objects.values_list("site", "slug", "name")
    }
    found = {}
    for key in keys:
        site, blank, team = key.partition(" ")
        slug, name = sites[site]
        if not blank:
            found[key] = Group(name, {"site": (slug,)}, (0, name))
            continue
        label = f"{teams.get((site, team), team)} at {name}" if team else f"{name}, no team"
        found[key] = Group(
            label, {"site": (slug,), "team": (team or "none",)}, (0, f"{name} {team or '~'}")
        )
    return found


def owners(keys: Iterable[str]) -> dict[str, Group]:
    found = {"": Group("nobody", {"assignee": ("none",)}, (1, ""))}
    for user in User.objects.filter(pk__in=[int(key) for key in keys if key]):
        name = user.shown_name()
        found[str(user.pk)] = Group(name, {"assignee": (user.username,)}, (0, name))
    return found
