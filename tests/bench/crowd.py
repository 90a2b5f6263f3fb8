"""A desk with as many cases as asked for, made by SQL: most settled, one in twenty open, clocks and timeline beside."""

from datetime import UTC, date, datetime

from django.db import connection

from exceptions_app.models import Calendar, CalendarVersion, Site, Source, Team, User

SITES = 12
PEOPLE = 40

CASES = """
INSERT INTO exceptions_app_case (number, title, exception_type, severity, status, site_id, team_id, assignee_id,
    reference, customer_name, tier, value, description, rule, key, evidence, opened_at, acknowledged_at,
    resolved_at, closed_at, waiting_for, cause, repeats, last_seen_at, imported, due_at, breached, version, changed_at)
SELECT n, (ARRAY['Order','Delivery of','Appointment','Payment'])[1 + n %% 4] || ' ' ||
       (ARRAY['late','at risk','not checked in','failed','cancelled'])[1 + n %% 5] || ' ' || md5(n::text)::varchar(6),
       (ARRAY['order_late','delivery_late','not_checked_in','payment_failed'])[1 + n %% 4], 1 + (n * 7) %% 4,
       CASE WHEN n %% 20 = 0 THEN (ARRAY['new','acknowledged','in_progress','waiting'])[1 + (n / 20) %% 4]
            WHEN n %% 20 < 4 THEN 'resolved' ELSE 'closed' END,
       (%(sites)s::bigint[])[1 + n %% array_length(%(sites)s::bigint[], 1)],
       (%(teams)s::bigint[])[1 + n %% array_length(%(sites)s::bigint[], 1)],
       CASE WHEN n %% 3 > 0 THEN (%(people)s::bigint[])[1 + n %% array_length(%(people)s::bigint[], 1)] END,
       'R-' || n, (ARRAY['Ortiz','Brauer','Moreau','Okafor','Lindqvist','Tanaka'])[1 + n %% 6] || ' ' ||
       md5((n * 31)::text)::varchar(4), (ARRAY['','gold','silver'])[1 + n %% 3], n %% 2000, '', 'order.late', 'k' || n, '{}',
       %(now)s - n %% 500 * interval '1 hour', %(now)s - (n %% 500) * interval '1 hour' + interval '10 minutes',
       CASE WHEN n %% 20 > 0 THEN %(now)s - (n %% 500) * interval '1 hour' + interval '3 hours' END, NULL, '', '', 0,
       %(now)s, false, CASE WHEN n %% 20 = 0 THEN %(now)s + ((n * 13) %% 6000 - 1000) * interval '1 minute' END,
       n %% 11 = 0, 1, %(now)s
FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
"""
CLOCKS = """
INSERT INTO exceptions_app_clock (case_id, kind, length_kind, amount, warn_percent, started_at, due_at, warn_at, paused,
    stopped_at, warned_at, breached_at, next_at)
SELECT c.id, k.kind, 'elapsed', 60, 75, c.opened_at, coalesce(c.due_at, c.opened_at + k.length), NULL, false,
       CASE WHEN k.kind = 'acknowledge' THEN c.acknowledged_at ELSE c.resolved_at END, NULL,
       CASE WHEN c.breached THEN c.due_at END,
       CASE WHEN c.due_at > %(now)s AND k.kind = 'resolve' THEN c.due_at END
FROM exceptions_app_case c, (VALUES ('acknowledge', interval '30 minutes'), ('resolve', interval '8 hours')) k(kind, length)
WHERE c.number BETWEEN %(first)s AND %(last)s
"""
ENTRIES = """
INSERT INTO exceptions_app_entry (case_id, seq, at, recorded_at, verb, actor_kind, actor_id, actor_name, data, xact,
    data_digest, previous, digest)
SELECT id, 1, opened_at, opened_at, 'case.opened', 'rule', 'order.late', 'Rule order.late',
       '{"version": 1}', 1, '', '', ''
FROM exceptions_app_case WHERE number BETWEEN %(first)s AND %(last)s
"""


def settle() -> tuple[list[int], list[int], list[int]]:
    """Sites with a calendar, a team each, and people."""
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
    return [s.pk for s in sites], [t.pk for t in teams], [p.pk for p in people]


def crowd(first: int, last: int) -> None:
    """Cases numbered from ``first`` to ``last``; the timeline's triggers rest, or a million rows take minutes."""
    sites, teams, people = settle()
    asked = {
        "sites": sites,
        "teams": teams,
        "people": people,
        "first": first,
        "last": last,
        "now": datetime.now(UTC),
    }
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for sql in (CASES, CLOCKS, ENTRIES):
            cursor.execute(sql, asked)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("SELECT setval('exceptions_app_case_numbers', %s)", [last + 1])
        cursor.execute(
            "VACUUM ANALYZE exceptions_app_case, exceptions_app_clock, exceptions_app_entry"
        )
