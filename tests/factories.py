"""One factory per table with the least that is valid; traits are words of the domain."""

from datetime import UTC, date, datetime, timedelta

import factory
from factory.django import DjangoModelFactory

from exceptions_app import models
from exceptions_app.cases.opening import Opening, open_cases
from exceptions_app.people.access import SYSTEM, person
from exceptions_app.vocabulary import ExceptionType, Role, Severity

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


class CalendarFactory(DjangoModelFactory):
    class Meta:
        model = models.Calendar
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Calendar {n}")
    time_zone = "Europe/Berlin"

    @factory.post_generation
    def weekdays(self, create, extracted, **_):
        """Opening hours from Monday to Friday, 09:00 to 17:00 unless given."""
        opening = [extracted or ["09:00", "17:00"]]
        days = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), opening)
        models.CalendarVersion.objects.create(calendar=self, since=date(2020, 1, 1), weekly=days)


class SiteFactory(DjangoModelFactory):
    class Meta:
        model = models.Site
        django_get_or_create = ("slug",)

    slug = "north"
    name = factory.LazyAttribute(lambda site: site.slug.title())
    time_zone = "Europe/Berlin"


class TeamFactory(DjangoModelFactory):
    class Meta:
        model = models.Team
        django_get_or_create = ("site", "slug")

    site = factory.SubFactory(SiteFactory)
    slug = "dispatch"
    name = factory.LazyAttribute(lambda team: team.slug.title())


class UserFactory(DjangoModelFactory):
    """A person; ``role`` and ``site`` make a membership."""

    class Meta:
        model = models.User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person{n}")
    first_name = "Ana"
    last_name = factory.Sequence(lambda n: f"Silva{n}")

    @factory.post_generation
    def role(self, create, extracted, site=None, team=None):
        if extracted:
            MembershipFactory(user=self, role=extracted, site=site, team=team)


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = models.Membership

    user = factory.SubFactory(UserFactory)
    role = Role.STAFF


class SourceFactory(DjangoModelFactory):
    class Meta:
        model = models.Source
        django_get_or_create = ("slug",)

    slug = "scheduler"
    name = "Scheduler"
    site = factory.SubFactory(SiteFactory)


class SubjectFactory(DjangoModelFactory):
    class Meta:
        model = models.Subject

    site = factory.SubFactory(SiteFactory)
    kind = "order"
    reference = factory.Sequence(lambda n: f"O-{n}")
    opened_at = NOON - HOUR
    last_signal_at = NOON - HOUR


class TargetFactory(DjangoModelFactory):
    """A resolve target of eight hours round the clock."""

    class Meta:
        model = models.Target

    kind = "resolve"
    length_kind = "elapsed"
    amount = 480


class ConnectionFactory(DjangoModelFactory):
    class Meta:
        model = models.Connection

    name = factory.Sequence(lambda n: f"Connection {n}")
    platform = "zendesk"
    sandbox = True


class PlaybookFactory(DjangoModelFactory):
    class Meta:
        model = models.Playbook

    name = factory.Sequence(lambda n: f"Playbook {n}")
    moment = "case.opened"
    connection = factory.SubFactory(ConnectionFactory)


class SavedMappingFactory(DjangoModelFactory):
    """A shop's JSON, one order a body."""

    class Meta:
        model = models.SavedMapping

    slug = factory.Sequence(lambda n: f"shop-{n}")
    name = factory.Sequence(lambda n: f"Shop {n}")
    kind = "json"
    source = factory.SubFactory(SourceFactory)
    zone = "Europe/Berlin"
    body = (
        "{type: 'order.shipped', external_id: order.number, occurred_at: shipped_at,"
        " subject: {reference: order.number}}"
    )
    changed_at = NOON
    changed_by = "Ana"


class TableImportFactory(DjangoModelFactory):
    """An uploaded file whose bytes nobody asks for."""

    class Meta:
        model = models.TableImport

    name = "orders.csv"
    size = 1
    uploaded_at = NOON
    by = factory.SubFactory(UserFactory)


def open_case(*, site=None, at=NOON, by=SYSTEM, **given):
    """An open case, opened the way the desk opens one."""
    fields = {
        "title": "Delivery of Golf GTI is late",
        "exception_type": ExceptionType.DELIVERY_LATE,
        "severity": Severity.HIGH,
        **given,
    }
    return open_cases([Opening(site_id=(site or SiteFactory()).pk, by=by, at=at, **fields)], at=at)[
        0
    ]


def somebody(role=Role.LEAD, *, site=None, team=None, **given):
    """An actor with that role at that site; everywhere without one."""
    return person(UserFactory(role=role, role__site=site, role__team=team, **given))
