import csv
import gzip
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from exceptions_app.sla.clockwork import History, reckon
from exceptions_app.sla.hours import Hours, Version
from exceptions_app.sla.notation import read_week
from exceptions_app.sla.working_time import Length
from tests.sla.shared import shared

AFTERNOONS = Hours(ZoneInfo("UTC"), (Version(date(2016, 1, 1), read_week("mon-fri 14:00-23:00")),))
SIXTY_TWO_HOURS = Length("working", timedelta(hours=62))


def closed_incidents(priority: str) -> list[dict[str, str]]:
    """The last event of each incident of this priority that was closed."""
    last: dict[str, dict[str, str]] = {}
    with gzip.open(shared("incidents/incident_events_dev.csv.gz"), "rt", newline="") as file:
        for event in csv.DictReader(file):
            last[event["number"]] = event
    return [e for e in last.values() if e["priority"] == priority and e["closed_at"]]


def was_met(incident: dict[str, str]) -> bool | None:
    opened_at, closed_at = (
        datetime.fromisoformat(incident[name]).replace(tzinfo=UTC)
        for name in ("opened_at", "closed_at")
    )
    history = History(opened_at, stopped_at=closed_at)
    return reckon(history, SIXTY_TWO_HOURS, AFTERNOONS, closed_at, 0.75).met


def test_another_desks_verdict_on_incidents_of_priority_3_follows_from_its_hours():
    incidents = closed_incidents("3")

    agreed = sum(was_met(one) is (one["made_sla"] == "True") for one in incidents)

    assert len(incidents) > 11_000
    assert agreed / len(incidents) >= 0.999
