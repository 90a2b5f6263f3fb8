"""Signals in by API: one or many, taken, known already, or refused; and their receipts."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboards.api import signal_shapes
from exceptions_app.intake import fields
from exceptions_app.models import Case, Receipt, Signal, Source, Subject
from tests.api.conftest import is_problem
from tests.factories import SourceFactory

pytestmark = pytest.mark.django_db


def test_one_signal_is_stored_and_answered_with_a_receipt(program, booked):
    answer = program.post("signals/", booked())

    told = answer.json()
    assert answer.status_code == 201
    assert told["counts"] == {"stored": 1, "duplicate": 0, "conflict": 0, "refused": 0}
    assert told["items"] == [{"index": 0, "external_id": "apt-1", "outcome": "stored"}]
    assert Subject.objects.get().reference == "A-1"


def test_a_signal_that_opens_a_case_names_it(program, booked):
    program.post("signals/", booked(1))

    answer = program.post(
        "signals/", booked(2, type="appointment.no_show", subject={"reference": "A-1"})
    )

    assert answer.json()["items"][0]["cases"] == [f"opened {Case.objects.get()}"]


def test_the_same_signal_again_is_a_duplicate(program, booked):
    program.post("signals/", booked())

    answer = program.post("signals/", booked())

    assert answer.status_code == 200
    assert answer.json()["counts"]["duplicate"] == 1
    assert Signal.objects.count() == 1


def test_the_same_name_for_other_content_alone_is_a_conflict(program, booked):
    program.post("signals/", booked())

    answer = program.post("signals/", booked(note="Another thing"))

    assert is_problem(answer, 409, "conflict")
    assert "external_id" in answer.json()["errors"]


@pytest.mark.parametrize("form", [lambda items: items, lambda items: {"signals": items}])
def test_a_batch_may_come_in_both_shapes(program, booked, form):
    answer = program.post("signals/", form([booked(1), booked(2)]))

    assert answer.status_code == 201
    assert answer.json()["counts"]["stored"] == 2


def test_a_batch_takes_the_good_ones_and_names_the_bad(program, booked):
    answer = program.post("signals/", [booked(1), booked(2, colour="red"), "nonsense", booked(3)])

    told = answer.json()
    assert answer.status_code == 200
    assert told["counts"] == {"stored": 2, "duplicate": 0, "conflict": 0, "refused": 2}
    assert [item["outcome"] for item in told["items"]] == ["stored", "refused", "refused", "stored"]
    assert list(told["items"][1]["errors"]) == ["colour"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"occurred_at": "2026-03-10T11:00:00"}, "occurred_at"),
        ({"subject": {"reference": "A-1", "kind": "order"}}, "subject.kind"),
        ({"source": "nobody"}, "source"),
        ({"subject": {"reference": "A-1", "site": "south"}}, "subject.site"),
    ],
)
def test_one_bad_signal_alone_is_a_refused_request(program, booked, south, changes, field):
    answer = program.post("signals/", booked(**changes))

    assert is_problem(answer, 400, "invalid")
    assert list(answer.json()["errors"]) == [field]
    assert program.get(f"receipts/{answer.json()['receipt']}/").json()["counts"]["refused"] == 1


def test_all_that_is_wrong_with_a_signal_is_answered_at_once(program, booked):
    sent = booked(
        occurred_at="noon",
        promise={"promised_at": "later"},
        subject={"reference": "A-1", "site": "nowhere"},
        site="north",
    )

    answer = program.post("signals/", sent)

    assert is_problem(answer, 400, "invalid")
    wrong = answer.json()["errors"]
    assert set(wrong) == {"site", "occurred_at", "promise.promised_at", "subject.site"}
    assert "send it as subject.site" in wrong["site"]


@pytest.mark.parametrize(
    "body",
    ["text", 7, [], {"signals": 7}, {"signals": []}, {"signals": [], "more": 1}, [{}] * 1001],
)
def test_a_body_that_is_no_post_of_signals_is_refused_whole(program, body):
    answer = program.post("signals/", body)

    assert is_problem(answer, 400, "invalid")
    assert not Receipt.objects.exists()


def test_somebody_who_may_not_send_signals_is_refused(of_ana, booked):
    assert is_problem(of_ana.post("signals/", booked()), 403, "not_permitted")


def test_a_thousand_signals_take_as_many_statements_as_two(program, booked):
    program.post("signals/", [booked(1)])
    with CaptureQueriesContext(connection) as few:
        program.post("signals/", [booked(n) for n in range(2, 4)])

    with CaptureQueriesContext(connection) as many:
        answer = program.post("signals/", [booked(n) for n in range(4, 104)])

    assert answer.status_code == 201
    assert len(many) == len(few)


def test_a_receipt_is_read_again_by_whom_it_was_given(program, booked):
    receipt = program.post("signals/", booked()).json()

    assert program.get(f"receipts/{receipt['id']}/").json() == receipt


def test_a_receipt_is_nobody_elses(program, stranger, of_ana, booked):
    receipt = program.post("signals/", booked()).json()

    assert is_problem(stranger.get(f"receipts/{receipt['id']}/"), 404, "not_found")
    assert is_problem(of_ana.get(f"receipts/{receipt['id']}/"), 404, "not_found")


def test_whoever_sees_every_site_sees_every_receipt(program, program_of, booked):
    receipt = program.post("signals/", booked()).json()

    assert program_of(site=None).get(f"receipts/{receipt['id']}/").status_code == 200


def test_signals_are_listed_newest_first_and_narrowed(program, booked, north):
    SourceFactory(slug="dms", site=north)
    program.post("signals/", [booked(1), booked(2), booked(3, source="dms")])

    everything = program.get("signals/").json()["results"]
    narrowed = program.get("signals/", source="dms", external_id="apt-3").json()["results"]

    assert [one["external_id"] for one in everything] == ["apt-3", "apt-2", "apt-1"]
    assert [one["source"] for one in narrowed] == ["dms"]
    assert narrowed[0]["body"] == booked(3, source="dms")


def test_a_source_that_says_nothing_to_one_is_refused_whether_there_is_one_or_not(
    program, booked, south
):
    SourceFactory(slug="crm", site=south)
    program.post("signals/", booked(1))
    there, nowhere = (program.get("signals/", source=slug) for slug in ("crm", "nowhere"))

    assert is_problem(there, 400, "invalid")
    assert list(there.json()["errors"]) == ["source"]
    assert there.json()["detail"].replace("crm", "nowhere") == nowhere.json()["detail"]


def test_a_source_of_another_site_narrows_what_it_said_about_ones_own(program, booked, south):
    program.post("signals/", booked(1))
    Source.objects.update(site=south)

    assert len(program.get("signals/", source="scheduler").json()["results"]) == 1


def test_a_signal_about_another_site_does_not_exist(program, stranger, booked):
    program.post("signals/", booked())
    signal = Signal.objects.get()

    assert program.get(f"signals/{signal.pk}/").json()["external_id"] == "apt-1"
    assert is_problem(stranger.get(f"signals/{signal.pk}/"), 404, "not_found")
    assert stranger.get("signals/").json()["results"] == []


def test_a_list_of_signals_takes_as_many_statements_at_any_length(program, booked):
    program.post("signals/", [booked(n) for n in range(3)])
    program.get("signals/")
    with CaptureQueriesContext(connection) as few:
        program.get("signals/", limit=1)

    with CaptureQueriesContext(connection) as many:
        program.get("signals/")

    assert len(many) == len(few)


def test_the_documented_signal_has_the_fields_that_are_taken():
    assert set(signal_shapes.NewSignal().fields) == fields.FIELDS
    assert set(signal_shapes.SubjectOfSignal().fields) == fields.SUBJECT_FIELDS
    assert set(signal_shapes.CustomerOfSignal().fields) == fields.CUSTOMER_FIELDS
    assert set(signal_shapes.WindowOfSignal().fields) == fields.WINDOW_FIELDS
    assert set(signal_shapes.DocumentOfSignal().fields) == fields.DOCUMENT_FIELDS


@pytest.mark.parametrize("query", [{"type": "nope"}, {"type": "order.nope"}, {"type": ""}], ids=str)
def test_a_type_that_no_signal_has_is_refused(program, query):
    answer = program.get("signals/", **query)

    assert is_problem(answer, 400, "invalid")
    assert list(answer.json()["errors"]) == ["type"]
