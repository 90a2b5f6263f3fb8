"""A person decides what a complaint is about; the case follows, and the desk learns."""

import pytest

from exceptions_app.cases import triage
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.cases.triage import Flagging
from exceptions_app.complaints import deciding, lessons, panel
from exceptions_app.errors import NotAllowedNow, NotPermitted, Refused, Stale
from exceptions_app.models import Case, ComplaintDecision, ComplaintLesson, Entry
from exceptions_app.people.access import SYSTEM, person
from exceptions_app.vocabulary import ExceptionType, Role, Severity
from tests.factories import HOUR, NOON, SiteFactory, SubjectFactory, UserFactory, open_case


def decide(case, by, exception_type=ExceptionType.ORDER_LATE, **more):
    seen = Seen(case.pk, more.pop("version", None))
    return deciding.decide(
        seen, by=person(by), at=NOON + HOUR, exception_type=exception_type, **more
    )


def test_a_case_shows_what_its_complaint_looks_like(complain, order, ana):
    case = complain(reference="O-1042").case

    shown = panel.of_case(case.pk, by=person(ana), at=NOON)

    assert shown.suggestion.exception_type == ExceptionType.ORDER_LATE
    assert shown.suggestion.confidence > 0.5
    assert "überfällig" in shown.suggestion.because
    assert shown.suggestion.subject.id == order.pk
    assert shown.suggestion.known == ("overdue",)
    assert shown.may_decide


def test_the_decision_is_the_cases_type_and_a_line_on_its_timeline(complain, order, ana):
    case = complain(reference="O-1042").case

    after = decide(case, ana, about=order.pk)

    decision = ComplaintDecision.objects.get()
    assert after.exception_type == decision.exception_type == "order_late"
    assert (decision.suggested_type, decision.about, decision.decided_by) == (
        "order_late",
        order,
        ana,
    )
    entry = Entry.objects.filter(case=case, verb="case.classified").get()
    assert entry.data["about"] == "O-1042"


def test_deciding_again_replaces_the_decision(complain, ana):
    case = complain().case

    decide(case, ana)
    decide(case, ana, ExceptionType.CARRIER_EXCEPTION)

    assert ComplaintDecision.objects.get().exception_type == "carrier_exception"


def test_a_repetition_does_not_take_back_what_was_decided(complain, ana):
    case = complain(reference="O-7").case
    decide(case, ana)

    complain("Noch immer nichts!", at=NOON + 2 * HOUR, reference="O-7")

    assert Case.objects.get().exception_type == "order_late"


def test_a_stale_press_is_refused(complain, ana):
    case = complain().case
    triage.change_severity(Seen(case.pk), by=SYSTEM, at=NOON, severity=Severity.LOW)

    with pytest.raises(Stale):
        decide(case, ana, version=1)


def test_a_viewer_decides_nothing(complain, north):
    case = complain().case

    with pytest.raises(NotPermitted):
        decide(case, UserFactory(role=Role.VIEWER, role__site=north))


def test_a_subject_of_another_site_is_refused(complain, ana):
    case = complain().case

    with pytest.raises(Refused):
        decide(case, ana, about=SubjectFactory(site=SiteFactory(slug="south")).pk)


def test_a_case_that_is_no_complaint_has_nothing_to_sort(north, ana):
    case = open_case(site=north)

    assert panel.of_case(case.pk, by=person(ana), at=NOON) is None
    with pytest.raises(NotAllowedNow):
        decide(case, ana)


def test_a_complaint_by_telephone_is_read_as_well(north, ana):
    case = triage.flag(
        Flagging(
            title="Kunde ruft an",
            exception_type=ExceptionType.COMPLAINT,
            severity=Severity.MEDIUM,
            site_id=north.pk,
            description="Der Techniker ist nicht zum Termin erschienen.",
        ),
        by=person(ana),
        at=NOON,
    )

    shown = panel.of_case(case.pk, by=person(ana), at=NOON)

    assert shown.suggestion.exception_type == ExceptionType.NOT_CHECKED_IN
    decide(case, ana, ExceptionType.NOT_CHECKED_IN)
    assert panel.of_case(case.pk, by=person(ana), at=NOON).decision.exception_type


def test_what_people_decide_is_learned(complain, ana, monkeypatch):
    monkeypatch.setattr(lessons, "FOLDS", 3)
    text = "Der Frobnikator schnurpst"
    before = lessons.current().judge(text).label
    for number in range(8):
        case = complain(f"{text}, Nummer {number} {'x' * number}").case
        decide(case, ana, ExceptionType.DOCUMENT_MISSING)

    lesson = lessons.refit(at=NOON + 2 * HOUR)

    assert before != "document_missing"
    assert lessons.current().judge(text).label == "document_missing"
    assert (lesson.decisions, lesson.folds) == (8, 3)
    assert 0 < lesson.accuracy < 1
    assert lesson.by_class["document_missing"]["cases"] > 8


def test_nothing_new_is_not_learned_again(complain, ana, monkeypatch):
    monkeypatch.setattr(lessons, "FOLDS", 2)
    decide(complain().case, ana)
    first = lessons.refit(at=NOON + 2 * HOUR)

    assert first is not None
    assert lessons.refit(at=NOON + 3 * HOUR) is None
    assert ComplaintLesson.objects.count() == 1


def test_enough_decisions_of_a_type_replace_our_sentences(complain, ana, monkeypatch):
    monkeypatch.setattr(lessons, "ENOUGH", 1)
    decide(complain().case, ana)

    taught, own = lessons.samples()

    assert own == 1
    assert sum(one.label == "order_late" for one in taught) == 1
