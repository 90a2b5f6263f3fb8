"""A small desk with something of everything, and somebody who may enter the admin."""

from functools import partial

import pytest
from django.test import Client

from connectors.models import AccessToken, HookCall, SandboxFault, SandboxNote, SandboxRecord
from exceptions_app import models
from exceptions_app.cases import triage
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.detection import changing, editing
from exceptions_app.intake.accept import accept
from exceptions_app.outbox import gates, queue
from exceptions_app.people import tokens
from exceptions_app.people.access import SYSTEM
from tests.factories import (
    HOUR,
    NOON,
    CalendarFactory,
    ConnectionFactory,
    PlaybookFactory,
    SavedMappingFactory,
    SiteFactory,
    SourceFactory,
    TableImportFactory,
    TargetFactory,
    TeamFactory,
    UserFactory,
    open_case,
)
from tests.intake.stories import booked

SETTINGS = {"subdomain": "acme", "email": "desk@acme.example", "token": "s3cret-token"}


def entered(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def administrator(db):
    return UserFactory(username="ingrid", first_name="Ingrid", role="administrator")


@pytest.fixture
def page(administrator):
    return entered(administrator)


@pytest.fixture
def site(db):
    return working_site()


def working_site():
    found = SiteFactory(calendar=CalendarFactory())
    TeamFactory(site=found)
    TargetFactory(kind="acknowledge")
    return found


def complain(site, case):
    """A complaint with a file, what was decided about it and learned, and a visit of a customer."""
    complaint = models.Complaint.objects.create(
        number=f"ABCD-{case.pk}",
        key=f"k{case.pk}",
        site=site,
        channel="form",
        text="Late",
        received_at=NOON,
    )
    models.ComplaintFile.objects.create(
        complaint=complaint, name="a.jpg", media_type="image/jpeg", size=1, file="complaints/a"
    )
    models.ComplaintDecision.objects.create(
        case=case, text="Late", exception_type="order_late", decided_at=NOON
    )
    models.ComplaintLesson.objects.create(
        learned_at=NOON, decisions=1, shipped=1, accuracy=0.5, folds=10, learned={}
    )
    models.StatusVisit.objects.create(subject=models.Subject.objects.latest("pk"), at=NOON)


def heard_elsewhere(site, case, user):
    complain(site, case)
    refused = {"source": "nobody", "external_id": f"x-{case.pk}", "type": "order.placed"}
    accept([refused], by=SYSTEM, at=NOON)
    learned = models.RiskModel.objects.create(
        site=site, kind="order", made_at=NOON, promises=9, learned={}
    )
    changing.adopt(learned, by=SYSTEM, at=NOON)
    models.Backtest.objects.create(asked_at=NOON, actor_name="Ingrid", site=site, kind="order")
    brought_in(user)


def brought_in(user):
    mapping = SavedMappingFactory()
    models.MappingVersion.objects.create(mapping=mapping, number=1, source=mapping.source, at=NOON)
    imported = TableImportFactory(by=user)
    models.ImportProblem.objects.create(of=imported, row=2, reason="No time")


def detect():
    """A change of the policy, and something that is only watched."""
    changes = models.PolicyVersion.objects.count()
    edit = editing.threshold_edit(changing.document_now(), changes + 1)
    changing.change(edit, why="Noise", by=SYSTEM, at=NOON)
    models.WatchItem.objects.create(
        subject=models.Subject.objects.latest("pk"),
        rule="order.weather",
        key="order:O-1:order.weather",
        title="Held up by weather",
        severity=4,
        since=NOON,
        score=20,
        seen_at=NOON,
    )


@pytest.fixture
def fill(site):
    """Make one more of everything that grows."""
    return partial(one_more, site)


def one_more(site):
    connection = ConnectionFactory(settings=SETTINGS)
    PlaybookFactory(connection=connection)
    SourceFactory(site=site)
    told = {"subject": {"reference": f"J-{connection.pk}"}}
    accept([booked(promise={"promised_at": "2026-03-10T15:00:00Z"}, **told)], by=SYSTEM, at=NOON)
    detect()
    user = UserFactory(role="staff", role__site=site)
    tokens.issue(user, "Robot", ["signals:write"], NOON)
    models.WrongPassword.objects.create(who="of ana", at=NOON)
    models.IdempotentReply.objects.create(
        actor="token:1", key=f"k{user.pk}", request_digest="d", created_at=NOON
    )
    case = open_case(site=site, team_id=TeamFactory(site=site).pk)
    triage.assign(Seen(case.pk), by=SYSTEM, at=NOON, to=user.pk)
    models.Link.objects.create(case=case, connection=connection, external_id="17", linked_at=NOON)
    of_sources(case, connection)
    delivery = case.deliveries.first()
    models.Attempt.objects.create(delivery=delivery, at=NOON, verdict="taken", ok=True)
    queue.beat("clocks", at=NOON)
    gates.note_failure(connection.pk, at=NOON)
    record = SandboxRecord.objects.create(
        connection=connection, external_id="17", created_at=NOON, changed_at=NOON
    )
    SandboxFault.objects.create(connection=connection, kind="hang")
    AccessToken.objects.create(connection=connection)
    HookCall.objects.create(connection=connection, event_id="1", at=NOON)
    SandboxNote.objects.create(record=record, at=NOON, what="comment")
    heard_elsewhere(site, case, user)
    return case


def of_sources(case, connection):
    """What silence holds back, what is counted and what is withheld."""
    source, name = models.Source.objects.get(), f"k{connection.pk}"
    about = {"source": source, "subject": models.Subject.objects.first(), "key": name}
    models.Hold.objects.create(**about, title="Late", since=NOON, held_at=NOON)
    models.SourceHour.objects.create(source=source, hour=NOON + connection.pk * HOUR)
    models.MassLimit.objects.create(shared="carrier", exception_type=name)
    models.Withheld.objects.create(
        case=case, connection=connection, operation="create", key=name, at=NOON
    )
