"""Who may see and do what: the one place that scopes every query and guards every verb (X1)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from exceptions_app.asking import asked
from exceptions_app.errors import NotPermitted
from exceptions_app.people.models import Site, User
from exceptions_app.vocabulary import ActorKind, Role

M = TypeVar("M", bound=Model)

STAFF_UP = frozenset({Role.STAFF, Role.LEAD, Role.MANAGER, Role.ADMINISTRATOR})
LEAD_UP = frozenset({Role.LEAD, Role.MANAGER, Role.ADMINISTRATOR})
EVERY_ROLE = frozenset(Role)
GRANTED = "SELECT role, site_id, team_id FROM exceptions_app_membership WHERE user_id = %s"

#: Verb → the roles that may do it. A verb missing here is nobody's.
MAY: Mapping[str, frozenset[Role]] = {
    "see": EVERY_ROLE,
    "flag": STAFF_UP | {Role.INTEGRATOR},
    "comment": STAFF_UP | {Role.INTEGRATOR},
    "acknowledge": STAFF_UP | {Role.INTEGRATOR},
    "start": STAFF_UP | {Role.INTEGRATOR},
    "wait": STAFF_UP | {Role.INTEGRATOR},
    "resume": STAFF_UP | {Role.INTEGRATOR},
    "resolve": STAFF_UP | {Role.INTEGRATOR},
    "close": STAFF_UP | {Role.INTEGRATOR},
    "reopen": STAFF_UP | {Role.INTEGRATOR},
    "claim": STAFF_UP,
    "release": STAFF_UP,
    "assign": STAFF_UP | {Role.INTEGRATOR},
    "dismiss": LEAD_UP,
    "change_severity": STAFF_UP | {Role.INTEGRATOR},
    "classify": STAFF_UP | {Role.INTEGRATOR},
    "send_signals": frozenset({Role.INTEGRATOR, Role.ADMINISTRATOR}),
    "map_signals": frozenset({Role.INTEGRATOR, Role.ADMINISTRATOR}),
    "see_reports": EVERY_ROLE,
    "see_deliveries": STAFF_UP | {Role.INTEGRATOR},
    "resend": LEAD_UP | {Role.INTEGRATOR},
    "split": STAFF_UP | {Role.INTEGRATOR},
    "manage_sources": frozenset({Role.MANAGER, Role.ADMINISTRATOR}),
    "change_rules": frozenset({Role.MANAGER, Role.ADMINISTRATOR}),
    "configure": frozenset({Role.ADMINISTRATOR}),
}


@dataclass(frozen=True)
class Grant:
    """A role and where it holds; ``None`` means everywhere below."""

    role: Role
    site_id: int | None = None
    team_id: int | None = None

    def covers(self, site_id: int | None, team_id: int | None) -> bool:
        if self.site_id is not None and self.site_id != site_id:
            return False
        return self.team_id is None or team_id is None or self.team_id == team_id


@dataclass(frozen=True)
class Actor:
    """Whoever acts: a person, a token, a rule, a platform, the clock. ``grants`` None means all of it."""

    kind: ActorKind
    id: str
    name: str
    grants: tuple[Grant, ...] | None = ()
    user_id: int | None = None

    def __str__(self) -> str:
        return self.name


SYSTEM = Actor(ActorKind.SYSTEM, "flagstand", "Flagstand", grants=None)
CLOCK = Actor(ActorKind.CLOCK, "clock", "Clock", grants=None)


def by_rule(slug: str) -> Actor:
    return Actor(ActorKind.RULE, slug[:40], f"Rule {slug}", grants=None)


def by_platform(connection_id: int, name: str) -> Actor:
    return Actor(ActorKind.PLATFORM, str(connection_id), name, grants=None)


def person(user: User) -> Actor:
    """The actor behind a login, with what its memberships grant."""
    return Actor(
        ActorKind.PERSON,
        str(user.pk),
        user.shown_name(),
        grants_of(user),
        user_id=user.pk,
    )


def grants_of(user: User) -> tuple[Grant, ...] | None:
    if user.is_superuser:
        return None
    return tuple(Grant(Role(role), site, team) for role, site, team in asked(GRANTED, [user.pk]))


def may(by: Actor, verb: str, *, site_id: int | None = None, team_id: int | None = None) -> bool:
    """Whether the actor may do this here."""
    if by.grants is None:
        return True
    roles = MAY[verb]
    return any(g.role in roles and g.covers(site_id, team_id) for g in by.grants)


def may_somewhere(by: Actor, verb: str) -> bool:
    return by.grants is None or any(g.role in MAY[verb] for g in by.grants)


def insist(by: Actor, verb: str, *, site_id: int | None = None, team_id: int | None = None) -> None:
    if not may(by, verb, site_id=site_id, team_id=team_id):
        words = verb.replace("_", " ")
        raise NotPermitted(
            f"Your role does not let you {words} here. Ask {who_may(verb)} of the site."
        )


def who_may(verb: str) -> str:
    """Whom to ask for it, in words."""
    first = next((f"a {role} or " for role in (Role.LEAD, Role.MANAGER) if role in MAY[verb]), "")
    return f"{first}an administrator"


def scope(by: Actor, *, verb: str = "see", site: str = "site_id", team: str = "team_id") -> Q:
    """The rows an actor may see (or do ``verb`` to), as a condition on their site and team columns.

    A row without a team belongs to its whole site. Pass ``team=""`` for tables that know no team.
    """
    if by.grants is None:
        return Q()
    allowed, whole = Q(pk__in=[]), set[int]()
    for grant in by.grants:
        if grant.role not in MAY[verb]:
            continue
        if grant.site_id is None:
            return Q()
        if grant.team_id is not None and team:
            of_team = Q(**{team: grant.team_id}) | Q(**{f"{team}__isnull": True})
            allowed |= Q(**{site: grant.site_id}) & of_team
        else:
            whole.add(grant.site_id)
    return allowed | at_sites(site, whole)


def shared(by: Actor, *, verb: str = "see") -> Q:
    """The rows of the actor's sites and those that serve every site, for tables whose site may be none."""
    mine = scope(by, verb=verb, team="")
    return mine | Q(site=None) if mine else mine


def at_sites(site: str, ids: Collection[int]) -> Q:
    """One list and not a row of alternatives, for which PostgreSQL before 18 would use no index in order."""
    return Q(**{f"{site}__in": sorted(ids)}) if len(ids) != 1 else Q(**{site: next(iter(ids))})


def visible(
    queryset: QuerySet[M],
    by: Actor,
    *,
    verb: str = "see",
    site: str = "site_id",
    team: str = "team_id",
) -> QuerySet[M]:
    return queryset.filter(scope(by, verb=verb, site=site, team=team))


def sites(by: Actor, *, verb: str = "see") -> QuerySet[Site]:
    """Where the actor may do this."""
    return visible(Site.objects.all(), by, verb=verb, site="pk", team="")
