"""Signals shuffled, cut into other batches and sent again: the same facts, looks, watched items and cases."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exceptions_app.detection.looking import look, next_look
from exceptions_app.intake.fields import PARCEL_FIELDS
from exceptions_app.intake.learning import learn
from exceptions_app.intake.shape import NewSignal, parse
from exceptions_app.models import Case, Milestone, Promise, Subject, WatchItem
from exceptions_app.subjects.facts import Facts
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.vocabulary import SubjectKind
from tests.detection.telling import Desk, on, says
from tests.factories import HOUR, MINUTE, NOON

DAY = 24 * HOUR
HOURS = st.integers(-99, 99).map(lambda hours: on(hours * HOUR))
ATTRIBUTES = {
    SubjectKind.CONTRACT: st.fixed_dictionaries(
        {}, optional={"price": st.sampled_from(["1", "2", "900"]), "vin": st.sampled_from("AB")}
    ),
    SubjectKind.STOCK: st.fixed_dictionaries(
        {}, optional={"booked": st.integers(0, 9), "counted": st.integers(0, 9)}
    ),
}
PARCELS = st.dictionaries(
    st.sampled_from("PQ"),
    st.fixed_dictionaries({}, optional=dict.fromkeys(PARCEL_FIELDS, HOURS)),
    max_size=2,
)
PLAIN: st.SearchStrategy[dict[str, str]] = st.just({})


@st.composite
def signals_about(draw, kind):
    """Whatever sources may say of one subject of a kind; several may say something at one instant."""
    journey = JOURNEYS[kind]
    words = st.sampled_from([*journey.milestones, *journey.reports, "updated"])
    steps = st.dictionaries(
        st.sampled_from(list(journey.milestones)),
        st.fixed_dictionaries({}, optional={"expected_at": HOURS, "actual_at": HOURS}),
        max_size=2,
    )
    papers = st.dictionaries(
        st.sampled_from(list(journey.documents)),
        st.fixed_dictionaries({}, optional={"received_at": HOURS, "number": st.sampled_from("XY")}),
        max_size=2,
    )
    moments = draw(st.lists(st.integers(-999, 0) | st.just(-5), min_size=2, max_size=6))
    found = []
    for minutes in moments:
        said = says(minutes * MINUTE, draw(st.sampled_from(["dms", "crm"])), "", "X-1").signal()
        said["type"] = f"{kind.value}.{draw(words)}"
        said["subject"] |= {
            "value": draw(st.sampled_from([10, 600])),
            "tier": draw(st.sampled_from(["", "gold"])),
        }
        said["subject"]["attributes"] = draw(ATTRIBUTES.get(kind, PLAIN))
        said["milestones"] = draw(steps)
        if draw(st.booleans()):
            said["promise"] = {"promised_at": draw(HOURS)}
        if journey.planned and draw(st.booleans()):
            said["window"] = {"starts_at": on(HOUR * minutes), "ends_at": on(HOUR * (minutes + 4))}
        if journey.documents:
            said["documents"] = draw(papers)
        if journey.parcelled:
            said["parcels"] = draw(PARCELS)
        found.append(said)
    return found


def learned(kind, story):
    facts = Facts(kind, "X-1")
    for sent in story:
        signal = parse(sent)
        assert isinstance(signal, NewSignal), signal
        facts = learn(facts, signal)
    return facts


@pytest.mark.parametrize("kind", SubjectKind)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_facts_and_findings_do_not_depend_on_the_order(kind, data):
    story = data.draw(signals_about(kind))
    other = data.draw(st.permutations(story))

    first, second = learned(kind, story), learned(kind, other)

    assert first == second
    assert look(first, NOON) == look(second, NOON)
    assert next_look(first, NOON) == next_look(second, NOON)


def chatter():
    """About many things, from several sources; what is found at any time is still so in the end."""
    for n in range(5):
        yield says(
            -9 * DAY,
            "shop",
            "order.placed",
            f"O-{n}",
            subject={"value": 20 * n},
            promise={"promised_at": on(n * DAY)},
        )
        yield says(-HOUR, "carrier", "order.weather", f"O-{n}")
        for day in (1, 2, 4):
            yield says(-day * DAY, "phone", "order.asked", f"O-{n}")
        yield says(
            -9 * DAY, "dms", "contract.signed", f"C-{n}", subject={"attributes": {"price": "900"}}
        )
        yield says(
            -7 * DAY,
            "crm",
            "contract.updated",
            f"C-{n}",
            subject={"attributes": {"price": f"{899 + n}"}},
        )
        yield says(
            -9 * DAY,
            "scheduler",
            "appointment.booked",
            f"J-{n}",
            window={"starts_at": on(DAY), "ends_at": on(DAY + HOUR)},
        )
        yield says(
            -n * HOUR,
            "scheduler",
            "appointment.rescheduled",
            f"J-{n}",
            window={"starts_at": on(3 * DAY), "ends_at": on(4 * DAY)},
        )
        yield says(
            -9 * DAY,
            "dms",
            "delivery.scheduled",
            f"DL-{n}",
            documents={"title": {"received_at": on(-DAY)}},
        )
        yield says(
            -n * HOUR,
            "crm",
            "delivery.updated",
            f"DL-{n}",
            documents={"title": {"expires_on": "2026-03-01"}},
        )


def state(prefix):
    """All that is known in the end of what begins so."""

    def rows(found, reference, *names):
        mine = found.filter(**{f"{reference}__startswith": prefix}).order_by(reference, names[0])
        told = mine.values_list(reference, *names)
        return sorted(((row[0].removeprefix(prefix), *row[1:]) for row in told), key=str)

    about = "subject__reference"
    return {
        "subjects": rows(
            Subject.objects, "reference", "kind", "value", "attributes", "reports",
            "particulars", "promised_at", "opened_at", "ended_at", "next_look_at",
        ),
        "steps": rows(Milestone.objects, about, "name", "expected_at", "actual_at", "planned_at"),
        "promises": rows(Promise.objects, about, "said_at", "promised_at"),
        "watched": rows(WatchItem.objects.filter(ended_at=None), about, "rule", "score"),
        "cases": rows(Case.objects, "reference", "rule", "severity", "since"),
    }  # fmt: skip


def named(signal, prefix):
    reference = prefix + signal["subject"]["reference"]
    return signal | {
        "external_id": prefix + signal["external_id"],
        "subject": signal["subject"] | {"reference": reference},
    }


@pytest.mark.django_db
def test_shuffled_and_repeated_signals_end_in_the_same_state():
    desk, rng, ends = Desk(), random.Random(7), []
    signals = [saying.signal() for saying in chatter()]
    for prefix in ("a:", "b:", "c:", "d:"):
        mine = [named(signal, prefix) for signal in signals]
        sent = [*mine, *rng.sample(mine, 20)]
        rng.shuffle(sent)
        while sent:
            size = rng.randrange(1, 25)
            desk.post(sent[:size], NOON)
            sent = sent[size:]
        ends.append(state(prefix))

    for part, first in ends[0].items():
        assert [end[part] for end in ends[1:]] == [first] * 3
    assert len(ends[0]["watched"]) > 2
    assert len(ends[0]["cases"]) > 10
