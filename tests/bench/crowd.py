"""A desk with as many cases as asked for, made by SQL: one in twenty open and linked, clocks and timeline beside.

What a case is like comes from a hash of its number, so that no two of its traits go together by accident.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db import connection

from exceptions_app.models import (
    Calendar,
    CalendarVersion,
    Connection,
    Membership,
    Site,
    Source,
    Team,
    User,
)
from exceptions_app.people.tokens import issue
from exceptions_app.vocabulary import Role, Scope

FIRST = 1001
SITES = 12
PEOPLE = 40
CONNECTIONS = {
    "zendesk": {"subdomain": "bench", "email": "desk@bench.example", "token": "sandbox-token"},
    "slack": {"channel": "C0BENCH01", "workspace": "bench", "token": "xoxb-sandbox"},
}

# A minute between two cases; what is open is due from a week ago to three weeks ahead.
CASES = """
INSERT INTO exceptions_app_case (number, title, exception_type, severity, status, site_id, team_id, assignee_id,
    reference, customer_name, tier, value, description, rule, key, evidence, opened_at, acknowledged_at, resolved_at,
    closed_at, waiting_for, cause, repeats, last_seen_at, imported, due_at, breached, version, changed_at)
SELECT n, (ARRAY['Order','Delivery of','Appointment','Payment for'])[1 + a %% 4] || ' ' || md5(n::text)::varchar(6)
       || ' is ' || (ARRAY['late','at risk','not started','refused','cancelled'])[1 + b %% 5],
       (ARRAY['order_late','delivery_late','not_checked_in','payment_failed'])[1 + a %% 4], 1 + c %% 4, status,
       (%(sites)s::bigint[])[1 + place], (%(teams)s::bigint[])[1 + place],
       CASE WHEN d %% 3 > 0 THEN (%(people)s::bigint[])[1 + d / 3 %% array_length(%(people)s::bigint[], 1)] END,
       'R-' || n, (ARRAY['Ortiz','Brauer','Moreau','Okafor','Lindqvist','Tanaka'])[1 + e %% 6] || ' ' ||
       md5((n * 31)::text)::varchar(4), (ARRAY['','gold','silver'])[1 + f %% 3], f %% 2000, '', 'order.late', 'k' || n,
       '{}', opened_at, CASE WHEN status <> 'new' THEN opened_at + interval '10 minutes' END,
       CASE WHEN due_at IS NULL THEN opened_at + interval '3 hours' END,
       CASE WHEN status = 'closed' THEN opened_at + interval '4 hours' END, CASE WHEN status = 'waiting' THEN 'Customer'
       ELSE '' END, CASE WHEN due_at IS NULL THEN 'carrier' ELSE '' END, 0, opened_at, false, due_at,
       coalesce(due_at < %(now)s, g %% 11 = 0), 1, opened_at
FROM (
    SELECT n, a, b, c, d, e, f, g, h %% array_length(%(sites)s::bigint[], 1) AS place,
           date_trunc('minute', %(now)s) - (%(last)s - n) * interval '1 minute' AS opened_at,
           CASE WHEN i %% 20 = 0 THEN (ARRAY['new','acknowledged','in_progress','waiting'])[1 + i / 20 %% 4]
                WHEN i %% 20 < 4 THEN 'resolved' ELSE 'closed' END AS status,
           CASE WHEN i %% 20 = 0 THEN date_trunc('minute', %(now)s) + (j %% 40000 - 10000) * interval '1 minute' END
           AS due_at
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) n, LATERAL (
        SELECT hashint8extended(n, 1) & 65535 AS a, hashint8extended(n, 2) & 65535 AS b,
               hashint8extended(n, 3) & 65535 AS c, hashint8extended(n, 4) & 65535 AS d,
               hashint8extended(n, 5) & 65535 AS e, hashint8extended(n, 6) & 65535 AS f,
               hashint8extended(n, 7) & 65535 AS g, hashint8extended(n, 8) & 65535 AS h,
               hashint8extended(n, 9) & 65535 AS i, hashint8extended(n, 10) & 1048575 AS j) dice
) rolled
"""
CLOCKS = """
INSERT INTO exceptions_app_clock (case_id, kind, length_kind, amount, warn_percent, started_at, due_at, warn_at, paused,
    stopped_at, warned_at, breached_at, next_at)
SELECT id, kind, 'elapsed', minutes, 75, opened_at, due_at, warn_at, false, stopped_at,
       CASE WHEN warn_at < %(now)s THEN warn_at END, CASE WHEN due_at < coalesce(stopped_at, %(now)s) THEN due_at END,
       CASE WHEN stopped_at IS NULL AND due_at > %(now)s THEN due_at END
FROM (
    SELECT id, kind, opened_at, stopped_at, minutes, opened_at + minutes * interval '1 minute' AS due_at,
           opened_at + minutes * interval '45 seconds' AS warn_at
    FROM (
        SELECT c.id, k.kind, c.opened_at, greatest(30, extract(epoch FROM c.due_at - c.opened_at) / 60)::int AS minutes,
               CASE WHEN k.kind = 'acknowledge' THEN c.acknowledged_at ELSE c.resolved_at END AS stopped_at
        FROM exceptions_app_case c, (VALUES ('acknowledge'), ('resolve')) k(kind)
    ) timed
) reckoned
"""
ENTRIES = """
INSERT INTO exceptions_app_entry (case_id, seq, at, recorded_at, verb, actor_kind, actor_id, actor_name, data, xact,
    data_digest, previous, digest)
SELECT id, 1, opened_at, opened_at, 'case.opened', 'rule', 'order.late', 'Rule order.late',
       '{"version": 1}', 1, '', '', ''
FROM exceptions_app_case
"""
DELIVERIES = """
INSERT INTO exceptions_app_delivery (id, position, case_id, connection_id, operation, key, text, state, reason, owed_at,
    due_at, token, attempts, done_at)
SELECT gen_random_uuid(), nextval('exceptions_app_delivery_positions'), c.id, k.id, 'create',
       'bench:' || c.id || ':' || k.id, '', 'sent', '', c.opened_at, c.opened_at, 1, 1, c.opened_at
FROM exceptions_app_case c, unnest(%(connections)s::bigint[]) k(id) WHERE c.resolved_at IS NULL
"""
LINKS = """
INSERT INTO exceptions_app_link (case_id, connection_id, external_id, url, status, linked_at)
SELECT case_id, connection_id, position, '', 'new', owed_at FROM exceptions_app_delivery
"""
FILLED = "exceptions_app_case, exceptions_app_clock, exceptions_app_entry, exceptions_app_delivery, exceptions_app_link"


@dataclass(frozen=True)
class Places:
    """What stands around the cases."""

    sites: list[int]
    teams: list[int]
    people: list[int]
    connections: list[int]


def settle() -> Places:
    """Sites with a calendar and a team each, people, a source, and two connections to the sandbox."""
    calendar = Calendar.objects.get_or_create(
        name="Bench", defaults={"time_zone": "Europe/Berlin"}
    )[0]
    week = {day: [["08:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    CalendarVersion.objects.get_or_create(
        calendar=calendar, since=date(2020, 1, 1), defaults={"weekly": week}
    )
    sites = [
        Site.objects.get_or_create(
            slug=f"bench-{n}", defaults={"name": f"Bench {n}", "calendar": calendar}
        )[0]
        for n in range(SITES)
    ]
    teams = [
        Team.objects.get_or_create(site=site, slug="support", defaults={"name": "Support"})[0]
        for site in sites
    ]
    Source.objects.get_or_create(slug="bench", defaults={"name": "Bench", "site": sites[0]})
    people = [User.objects.get_or_create(username=f"bench{n}")[0] for n in range(PEOPLE)]
    connections = [
        Connection.objects.get_or_create(
            name=f"Bench {slug}", defaults={"platform": slug, "sandbox": True, "settings": settings}
        )[0]
        for slug, settings in CONNECTIONS.items()
    ]
    return Places(*([row.pk for row in rows] for rows in (sites, teams, people, connections)))


def crowd(size: int) -> None:
    """So many cases and no others; the timeline's triggers rest, or a million rows take minutes."""
    places = settle()
    asked = {
        **vars(places),
        "first": FIRST,
        "last": FIRST + size - 1,
        "now": datetime.now(UTC),
    }
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("TRUNCATE exceptions_app_case CASCADE")
        for sql in (CASES, CLOCKS, ENTRIES, DELIVERIES, LINKS):
            cursor.execute(sql, asked)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("SELECT setval('exceptions_app_case_numbers', %s)", [FIRST + size])
        cursor.execute(f"VACUUM ANALYZE {FILLED}")


def member(username: str, *sites: int | None) -> User:
    """A person who leads at these sites; ``None`` is everywhere."""
    user = User.objects.get_or_create(username=username, defaults={"first_name": username})[0]
    for site in sites:
        where = Site.objects.get(pk=site) if site else None
        Membership.objects.get_or_create(user=user, role=Role.LEAD, site=where)
    return user


def token() -> str:
    """What a program of an administrator signs in with; it may do everything."""
    user = User.objects.get_or_create(username="bench-program")[0]
    Membership.objects.get_or_create(user=user, role=Role.ADMINISTRATOR)
    return issue(user, "bench", Scope.values, datetime.now(UTC))[1]
