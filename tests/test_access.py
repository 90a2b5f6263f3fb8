"""Every address as its owner, a viewer, a teammate elsewhere and a stranger; new ones must be listed."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from connectors.models import HookCall, SandboxRecord
from dashboards import public
from exceptions_app.complaints import receiving
from exceptions_app.complaints.files import NewFile
from exceptions_app.complaints.receiving import Told
from exceptions_app.intake.accept import accept
from exceptions_app.models import (
    Attempt,
    Backtest,
    Case,
    Clock,
    Connection,
    Delivery,
    Entry,
    Link,
    MappingVersion,
    Playbook,
    PolicyVersion,
    RefusedSignal,
    Signal,
    Source,
)
from exceptions_app.people.access import SYSTEM
from exceptions_app.subjects import listening
from exceptions_app.vocabulary import Role
from tests.conftest import lasting
from tests.factories import (
    NOON,
    ConnectionFactory,
    PlaybookFactory,
    SavedMappingFactory,
    SiteFactory,
    SourceFactory,
    TableImportFactory,
    TargetFactory,
    TeamFactory,
    UserFactory,
)  # fmt: skip
from tests.intake.stories import about

pytestmark = pytest.mark.django_db

WHO = ("owner", "viewer", "elsewhere", "stranger")
OK, CREATED, DONE, MOVED, SIGN_IN = 200, 201, 302, 302, 302
#: A body of which no signal comes: the door is open.
SAYS_NOTHING = 400
NOT_SIGNED_IN, FORBIDDEN, MISSING, CONFLICT = 401, 403, 404, 409


@dataclass(frozen=True)
class Door:
    """An address, how to knock, and the answer for each of ``WHO``."""

    name: str
    answers: tuple[int, int, int, int]
    where: dict[str, str] = field(default_factory=dict)
    method: str = "get"
    body: dict[str, Any] = field(default_factory=dict)
    query: str = ""


def everybody(name, **more):
    return Door(name, (OK, OK, OK, OK), **more)


def page(name, **more):
    """Each sees what is theirs; a stranger is asked to sign in."""
    return Door(name, (OK, OK, OK, SIGN_IN), **more)


def setting(name, **more):
    """A choice about oneself."""
    return Door(name, (DONE, DONE, DONE, SIGN_IN), method="post", **more)


def thing(name, **where):
    return Door(name, (OK, OK, MISSING, SIGN_IN), where)


def form(verb, allowed=DONE, **body):
    """A verb on the case page; a refusal goes back there with its sentence."""
    return Door(
        "do",
        (allowed, FORBIDDEN, MISSING, SIGN_IN),
        {"case_id": "case", "verb": verb},
        "post",
        body,
    )


def api_list(name, **more):
    return Door(name, (OK, OK, OK, NOT_SIGNED_IN), **more)


def api_thing(name, **where):
    return Door(name, (OK, OK, MISSING, NOT_SIGNED_IN), where)


def api_verb(verb, allowed=OK, **body):
    return Door(
        f"api-{verb}", (allowed, FORBIDDEN, MISSING, NOT_SIGNED_IN), {"case": "case"}, "post", body
    )


def for_administrators(name, **more):
    """Nobody else gets in, wherever they work."""
    return Door(name, (FORBIDDEN, FORBIDDEN, FORBIDDEN, SIGN_IN), **more)


def api_for_administrators(name, **more):
    return Door(name, (FORBIDDEN, FORBIDDEN, FORBIDDEN, NOT_SIGNED_IN), **more)


DEAD = {"delivery_id": "delivery"}
ANY_SOURCE = {"source_id": "speaker"}
EXPECTED = {"catch_up_minutes": "5"}
ONE = {"connection_id": "connection"}
BOOKED = about("J-2", "booked", NOON)
MANY = {"verb": "acknowledge", "cases": [{"id": "case"}]}
MEND = {"body": "{}"}
FLAG = {"title": "Wrong tyres", "type": "other", "severity": "low", "site": "north"}

SORT = {"type": "order_late"}

ZENDESK = {"subdomain": "acme", "email": "desk@acme.example", "token": "zd-token"}
FORM = {"name": "Second", **{f"setting_{name}": value for name, value in ZENDESK.items()}}

LISTENING, OURS = {"source_id": "listening"}, {"slug": "cloudevents"}
SHOP = {"name": "Shop", "slug": "second-shop", "setting_secret": "a token that nobody guesses"}

TRIED = {"site": "north", "kind": "order", "model": "plain"}
OF_NORTH = {"backtest_id": "backtest"}
SCAN_GAP = {"slug": "order.scan_gap"}
OF_DEALS = {"kind": "deal"}
SLOWER = {"on": "on", "set_silence": "3 days", "why": "Slow carrier"}
UNHURRIED = {"promise": "journey", "why": "As told"}
SLOWER_API = {"parameters": {"silence": 4320}, "why": "Slow carrier"}
FASTER_API = {"promise": "journey", "why": "As told"}
OF_PLAYBOOK = {"playbook_id": "playbook"}
PUSH = {"name": "Urgent", "moment": "case.opened", "connection": "connection"}
TRY, OFF = {"connection": "connection"}, {"enabled": False}
#: A door of the administrators, and what it answers them.
CONFIGURING = [
    (for_administrators("connections"), OK),
    (for_administrators("connect", where={"platform": "zendesk"}), OK),
    (for_administrators("connect", where={"platform": "zendesk"}, method="post", body=FORM), DONE),
    (for_administrators("connection", where=ONE), OK),
    (for_administrators("connection-settings", where=ONE), OK),
    (for_administrators("connection-settings", where=ONE, method="post", body=FORM), DONE),
    (for_administrators("connection-test", where=ONE, method="post"), OK),
    (for_administrators("connection-switch", where=ONE, method="post"), DONE),
    (for_administrators("playbooks"), OK),
    (for_administrators("playbook-new"), OK),
    (for_administrators("playbook-new", method="post", body=PUSH), DONE),
    (for_administrators("playbook", where=OF_PLAYBOOK), OK),
    (for_administrators("playbook", where=OF_PLAYBOOK, method="post", body=PUSH), DONE),
    (for_administrators("playbook-remove", where={"playbook_id": "off"}, method="post"), DONE),
    (api_for_administrators("api-playbooks"), OK),
    (api_for_administrators("api-playbooks", method="post", body=PUSH), CREATED),
    (api_for_administrators("api-playbook-try", method="post", body=TRY), OK),
    (api_for_administrators("api-playbook", where=OF_PLAYBOOK), OK),
    (api_for_administrators("api-playbook", where=OF_PLAYBOOK, method="patch", body=OFF), OK),
    (api_for_administrators("api-playbook", where={"playbook_id": "off"}, method="delete"), OK),
    (api_for_administrators("api-platforms"), OK),
    (api_for_administrators("api-connections"), OK),
    (
        api_for_administrators(
            "api-connections",
            method="post",
            body={"platform": "zendesk", "name": "Second", "settings": ZENDESK},
        ),
        CREATED,
    ),
    (api_for_administrators("api-connection", where=ONE), OK),
    (api_for_administrators("api-connection", where=ONE, method="patch", body={"name": "B"}), OK),
    (api_for_administrators("api-connection-test", where=ONE, method="post"), OK),
    (for_administrators("source-formats"), OK),
    (for_administrators("source-connect", where=OURS), OK),
    (for_administrators("source-connect", where=OURS, method="post", body=SHOP), DONE),
    (for_administrators("source-address", where=LISTENING), OK),
    (for_administrators("source-settings", where=LISTENING), OK),
    (for_administrators("source-settings", where=LISTENING, method="post", body=SHOP), DONE),
    (for_administrators("source-renew", where=LISTENING, method="post"), DONE),
    (
        for_administrators(
            "source-sample", where=LISTENING, method="post", body={"sample": "nonsense"}
        ),
        MISSING,
    ),
    (for_administrators("rule", where=SCAN_GAP, method="post", body=SLOWER), DONE),
    (for_administrators("threshold", method="post", body={"threshold": 20, "why": "Noise"}), DONE),
    (for_administrators("journey", where=OF_DEALS, method="post", body=UNHURRIED), DONE),
    (api_for_administrators("api-rule", where=SCAN_GAP, method="patch", body=SLOWER_API), OK),
    (api_for_administrators("api-rule-effects", where=SCAN_GAP, method="post"), OK),
    (
        api_for_administrators(
            "api-thresholds", method="patch", body={"threshold": 20, "why": "Noise"}
        ),
        OK,
    ),
    (api_for_administrators("api-journey", where=OF_DEALS, method="patch", body=FASTER_API), OK),
]

FILE = {"import_id": "import"}
#: Doors of those who send signals, and what they answer an integrator of this site, and one elsewhere.
SENDING = [
    (for_administrators("mappings"), OK, OK),
    (for_administrators("mapping-new"), OK, OK),
    (for_administrators("mapping-new", query="?kind=csv"), OK, OK),
    (for_administrators("mapping", where={"slug": "mapping"}), OK, MISSING),
    (
        for_administrators(
            "mapping-restore", where={"slug": "mapping", "number": 1}, method="post"
        ),
        DONE,
        MISSING,
    ),
    (for_administrators("imports"), OK, OK),
    (for_administrators("import-new"), OK, OK),
    (for_administrators("import", where=FILE), OK, MISSING),
    (for_administrators("import-columns", where=FILE, query="?kind=order"), MISSING, MISSING),
    (for_administrators("import-start", where=FILE, method="post"), MISSING, MISSING),
    (for_administrators("import-cancel", where=FILE, method="post"), DONE, MISSING),
    (for_administrators("import-resume", where=FILE, method="post"), DONE, MISSING),
    (for_administrators("import-progress", where=FILE), OK, MISSING),
    (for_administrators("import-errors", where=FILE), OK, MISSING),
    (
        api_for_administrators(
            "api-mapped-signals", where={"mapping": "mapping"}, method="post", body={}
        ),
        SAYS_NOTHING,
        MISSING,
    ),
]

DOORS = [
    *(door for door, _ in CONFIGURING),
    *(door for door, *_ in SENDING),
    Door("sign-in", (MOVED, MOVED, MOVED, OK)),
    Door("sign-out", (MOVED, MOVED, MOVED, MOVED), method="post"),
    Door("home", (MOVED, MOVED, MOVED, MOVED)),
    everybody("healthz"),
    everybody("readyz"),
    Door("set_language", (MOVED, MOVED, MOVED, MOVED), method="post", body={"language": "de"}),
    page("password"),
    Door("password-changed", (MOVED, MOVED, MOVED, SIGN_IN)),
    setting("theme", body={"theme": "dark"}),
    setting("keys", body={"single_keys": "on"}),
    page("board"),
    page("board-rows", query="?ids=1"),
    page("board-filters"),
    Door(
        "bulk",
        (DONE, DONE, DONE, SIGN_IN),
        method="post",
        body={"verb": "acknowledge", "case": "case"},
    ),
    thing("case", case_id="case"),
    thing("case-preview", case_id="case"),
    thing("clock-proof", clock_id="clock"),
    form("acknowledge"),
    form("claim"),
    form("resolve", cause="carrier"),
    form("comment", text="Called them"),
    form("dismiss", reason="A test"),
    Door("flag", (OK, FORBIDDEN, OK, SIGN_IN)),
    page("flag-similar"),
    page("flag-subjects"),
    page("subjects"),
    thing("subject", subject_id="subject"),
    thing("signal", signal_id="signal"),
    Door("deliveries", (OK, FORBIDDEN, OK, SIGN_IN)),
    Door("delivery", (OK, FORBIDDEN, MISSING, SIGN_IN), DEAD),
    Door("resend", (DONE, FORBIDDEN, MISSING, SIGN_IN), DEAD, "post"),
    Door(
        "skip",
        (DONE, FORBIDDEN, MISSING, SIGN_IN),
        DEAD,
        "post",
        {"reason": "Told"},
    ),
    Door(
        "arrived",
        (DONE, FORBIDDEN, MISSING, SIGN_IN),
        DEAD,
        "post",
        {"external_id": "17"},
    ),
    Door("conflicts", (OK, FORBIDDEN, OK, SIGN_IN)),
    Door(
        "conflict-settle",
        (DONE, FORBIDDEN, MISSING, SIGN_IN),
        {"call_id": "conflict"},
        "post",
        {"field": "assignee_email", "choice": "dismiss"},
    ),
    page("reports"),
    page("rules"),
    page("rule", where=SCAN_GAP),
    page("threshold"),
    page("journeys"),
    page("journey", where=OF_DEALS),
    page("reports-csv"),
    page("sandbox"),
    Door(
        "sandbox-act",
        (DONE, FORBIDDEN, MISSING, SIGN_IN),
        {"record_id": "record"},
        "post",
        {"act": "nonsense"},
    ),
    Door(
        "sandbox-fault",
        (FORBIDDEN, FORBIDDEN, FORBIDDEN, SIGN_IN),
        {"connection_id": "connection"},
        "post",
        {"kind": "hang"},
    ),
    Door("act", (410,) * 4, {"token": "guessed"}),
    Door("hook", (MISSING,) * 4, {"connection_id": "connection", "token": "guessed"}, "post"),
    Door("listen", (MISSING,) * 4, {"token": "guessed"}, "post"),
    Door(
        "sandbox-stand-in", (401, 401, 401, 401), {"platform": "zendesk", "path": "api/v2/tickets"}
    ),
    everybody("api-schema"),
    everybody("api-docs"),
    Door("api-nowhere", (MISSING, MISSING, MISSING, MISSING), {"rest": "nothing/"}),
    api_list("api-me"),
    api_list("api-sites"),
    api_list("api-people"),
    api_list("api-people"),
    api_list("api-teams"),
    api_list("api-sources"),
    api_list("api-signals"),
    Door(
        "api-signals",
        (FORBIDDEN, FORBIDDEN, FORBIDDEN, NOT_SIGNED_IN),
        {},
        "post",
        about("J-2", "booked", NOON),
    ),
    api_thing("api-signal", signal_id="signal"),
    Door("api-receipt", (MISSING, MISSING, MISSING, NOT_SIGNED_IN), {"receipt_id": "receipt"}),
    api_list("api-cases"),
    Door("api-cases", (CREATED, FORBIDDEN, 400, NOT_SIGNED_IN), {}, "post", FLAG),
    Door(
        "api-bulk",
        (OK, OK, OK, NOT_SIGNED_IN),
        {},
        "post",
        {"verb": "acknowledge", "cases": [{"id": "case"}]},
    ),
    api_thing("api-case", case="case"),
    api_thing("api-timeline", case="case"),
    api_thing("api-clocks", case="case"),
    api_verb("acknowledge"),
    api_verb("start"),
    api_verb("wait", waiting_for="parts"),
    api_verb("resume", allowed=CONFLICT),
    api_verb("resolve", cause="carrier"),
    api_verb("close", allowed=CONFLICT),
    api_verb("dismiss", reason="A test"),
    api_verb("reopen", allowed=CONFLICT, reason="Again"),
    api_verb("assign", to="person"),
    api_verb("claim"),
    api_verb("release", allowed=CONFLICT),
    api_verb("comment", text="Called them"),
    api_verb("severity", severity="critical"),
    api_list("api-subjects"),
    api_list("api-reminders"),
    api_thing("api-subject", subject_id="subject"),
    api_list("api-deliveries"),
    Door("api-conflicts", (OK, FORBIDDEN, OK, NOT_SIGNED_IN)),
    Door(
        "api-conflict-settle",
        (OK, FORBIDDEN, MISSING, NOT_SIGNED_IN),
        {"call_id": "conflict"},
        "post",
        {"field": "assignee_email", "choice": "dismiss"},
    ),
    Door("api-delivery", (OK, MISSING, MISSING, NOT_SIGNED_IN), DEAD),
    Door("api-resend", (OK, FORBIDDEN, MISSING, NOT_SIGNED_IN), DEAD, "post"),
    Door("api-skip", (OK, FORBIDDEN, MISSING, NOT_SIGNED_IN), DEAD, "post", {"reason": "Told"}),
    Door("api-arrived", (CONFLICT, FORBIDDEN, MISSING, NOT_SIGNED_IN), DEAD, "post"),
    api_list("api-sla"),
    page("sources"),
    thing("source", source_id="speaker"),
    Door("source-expect", (FORBIDDEN, FORBIDDEN, MISSING, SIGN_IN), ANY_SOURCE, "post", EXPECTED),
    Door("source-release", (FORBIDDEN, FORBIDDEN, MISSING, SIGN_IN), ANY_SOURCE, "post"),
    api_thing("api-source", source="scheduler"),
    Door(
        "api-source",
        (FORBIDDEN, FORBIDDEN, MISSING, NOT_SIGNED_IN),
        {"source": "scheduler"},
        "patch",
        {"rhythm": ""},
    ),
    Door(
        "api-source-release",
        (FORBIDDEN, FORBIDDEN, MISSING, NOT_SIGNED_IN),
        {"source": "scheduler"},
        "post",
        {"send": True},
    ),
    api_verb("split", allowed=CONFLICT),
    page("backtests"),
    for_administrators("backtests", method="post", body=TRIED),
    thing("backtest", **OF_NORTH),
    thing("backtest-progress", **OF_NORTH),
    Door("backtest-cancel", (FORBIDDEN, FORBIDDEN, MISSING, SIGN_IN), OF_NORTH, "post"),
    Door("backtest-remind", (FORBIDDEN, FORBIDDEN, MISSING, SIGN_IN), OF_NORTH, "post"),
    api_list("api-rules"),
    api_list("api-rule", where=SCAN_GAP),
    api_list("api-thresholds"),
    api_list("api-journeys"),
    api_list("api-journey", where=OF_DEALS),
    page("complaints"),
    page("questions-csv"),
    Door("flag-suggested", (OK, OK, OK, SIGN_IN), {}, "post", {"title": "Late"}),
    Door("decide", (DONE, FORBIDDEN, MISSING, SIGN_IN), {"case_id": "grievance"}, "post", SORT),
    Door(
        "complaint-settle",
        (DONE, FORBIDDEN, MISSING, SIGN_IN),
        {"complaint_id": "complaint", "how": "believe"},
        "post",
    ),
    thing("complaint-file", file_id="file"),
    everybody("public-complain", where={"site": "north"}),
    everybody("public-colour", where={"site": "north"}),
    everybody("public-received", where={"key": "complaint-key"}),
    everybody("public-status", where={"token": "status-token"}),
    Door("public-status", (MISSING,) * 4, {"token": "1.guessed"}),
    Door("public-received", (MISSING,) * 4, {"key": "guessed"}),
    Door(
        "api-complaints",
        (FORBIDDEN, FORBIDDEN, 400, NOT_SIGNED_IN),
        {},
        "post",
        {"site": "north", "text": "Late"},
    ),
    Door("api-complaints-suggest", (OK, OK, OK, NOT_SIGNED_IN), {}, "post", {"text": "Late"}),
    Door("api-sort", (OK, FORBIDDEN, MISSING, NOT_SIGNED_IN), {"case": "grievance"}, "post", SORT),
    for_administrators("refused-signals"),
    for_administrators("refused-signal", where={"refused_id": "refused"}),
    for_administrators("refused-signal", where={"refused_id": "refused"}, method="post", body=MEND),
    for_administrators("refused-put-away", where={"refused_id": "refused"}, method="post"),
    for_administrators("refused-send", method="post", body={"reason": "None"}),
    api_for_administrators("api-refused"),
    api_for_administrators("api-refused-send", method="post", body={"reason": "None"}),
    api_for_administrators("api-refused-one", where={"refused_id": "refused"}, method="post"),
    api_thing("api-signal-why", source="source", external_id="evt"),
    api_thing("api-subject-why", subject_id="subject"),
]


def grievance():
    """A doubted complaint with a file, and another that is a case."""
    north = SiteFactory(slug="north")
    picture = NewFile("a.jpg", "image/jpeg", 3, ContentFile(b"jpg"))
    doubted = Told(north, "Buy now", "form", suspicion="spam", files=[picture])
    heard = Told(north, "It is late", "form")
    kept, real = (
        receiving.receive(told, by=receiving.FORM, at=NOON, source=receiving.FORM_SOURCE)[0]
        for told in (doubted, heard)
    )
    return {
        "complaint": kept.pk,
        "complaint-key": kept.key,
        "file": kept.files.get().pk,
        "grievance": real.case_id,
    }


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    """One world for all doors: it costs more than the knocking, and every knock is undone."""
    kept_in = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media"))
    with lasting(django_db_blocker), kept_in:
        people, things = made()
        yield {who: signed_in(person) for who, person in people.items()}, things


def signed_in(person):
    """What the browser of somebody signed in remembers."""
    client = Client()
    client.force_login(person)
    return client.cookies


def made():
    """A case of the north site with everything that hangs on it, and four people."""
    north, south = SiteFactory(slug="north"), SiteFactory(slug="south")
    TeamFactory(site=north, slug="dispatch")
    SourceFactory(site=north)
    TargetFactory()
    playbook = PlaybookFactory(connection=ConnectionFactory(name="Zendesk"))
    refused = about("J-9", "no_show", NOON, source="wms")
    accept([about("J-1", "no_show", NOON), refused], by=SYSTEM, at=NOON)
    delivery = Delivery.objects.get()
    Delivery.objects.update(state="dead")
    Attempt.objects.create(delivery=delivery, at=NOON, verdict="refused", ok=False)
    where = {"case": delivery.case, "connection": delivery.connection}
    Link.objects.create(**where, external_id="17", url="https://acme.example/17", linked_at=NOON)
    record = SandboxRecord.objects.create(
        connection=delivery.connection,
        external_id="17",
        data={"status": "new"},
        created_at=NOON,
        changed_at=NOON,
    )
    signal = Signal.objects.get(subject=delivery.case.subject)
    people = {
        "owner": UserFactory(role=Role.LEAD, role__site=north),
        "viewer": UserFactory(role=Role.VIEWER, role__site=north),
        "elsewhere": UserFactory(role=Role.LEAD, role__site=south),
    }
    mapping = SavedMappingFactory()
    MappingVersion.objects.create(
        mapping=mapping,
        number=1,
        name="Before",
        source=mapping.source,
        zone="UTC",
        body="@",
        at=NOON,
    )
    imported = TableImportFactory(site=north, state="running")
    things = {
        "case": delivery.case_id,
        "clock": Clock.objects.filter(case=delivery.case).get().pk,
        "delivery": delivery.pk,
        "subject": delivery.case.subject_id,
        "signal": signal.pk,
        "speaker": Source.objects.get(slug="scheduler").pk,
        "source": "scheduler",
        "evt": signal.external_id,
        "refused": RefusedSignal.objects.get().pk,
        "receipt": signal.receipt_id,
        "person": people["owner"].username,
        "record": record.pk,
        "conflict": HookCall.objects.create(
            **where,
            event_id="1",
            at=NOON,
            state="conflict",
            conflicts=[{"field": "assignee_email", "theirs": "pat@acme.example"}],
        ).pk,
        "connection": delivery.connection_id,
        "playbook": playbook.pk,
        "off": PlaybookFactory(connection=delivery.connection, enabled=False).pk,
        "mapping": mapping.slug,
        "import": imported.pk,
        "listening": listening.keep(
            Source(slug="shop", name="Shop", format="cloudevents", settings={"secret": "s"}),
            by=SYSTEM,
        ).pk,
        "backtest": Backtest.objects.create(
            asked_at=NOON, actor_name="Ingrid", site=north, kind="order"
        ).pk,
        "status-token": public.SIGNER.sign(str(delivery.case.subject_id)),
        **grievance(),
    }
    return people, things


def filled(value, things):
    """A word that names a thing stands for its id, however deep."""
    if isinstance(value, dict):
        return {name: filled(word, things) for name, word in value.items()}
    if isinstance(value, list):
        return [filled(word, things) for word in value]
    return things.get(value, value)


def knock(door, who, cookies, things):
    """The answer to one of ``WHO``; whatever it changed is undone."""
    client = Client()
    client.cookies.load(cookies.get(who, {}))
    address = reverse(door.name, kwargs=filled(door.where, things)) + door.query
    form = {"content_type": "application/json"} if address.startswith("/api/") else {}
    before, undo = state_of_things(), transaction.savepoint()
    answer = getattr(client, door.method)(address, filled(door.body, things), **form)
    changed = state_of_things() != before
    transaction.savepoint_rollback(undo)
    return answer.status_code, changed


def state_of_things():
    deliveries = list(Delivery.objects.order_by("pk").values_list("state", flat=True))
    connections = list(Connection.objects.order_by("pk").values_list("name", "enabled"))
    sources = list(Source.objects.order_by("pk").values_list("name", "slug", "token"))
    versions = PolicyVersion.objects.count(), Backtest.objects.count()
    counts = (Entry.objects.count(), Case.objects.count(), versions)
    playbooks = list(Playbook.objects.order_by("pk").values_list("name", "enabled"))
    return counts, deliveries, connections, sources, playbooks


@pytest.mark.parametrize(
    "door", DOORS, ids=lambda door: f"{door.method} {door.name} {door.query}".strip()
)
def test_a_door_opens_to_those_it_is_meant_for(world, door):
    met = [knock(door, who, *world) for who in WHO]

    assert tuple(status for status, _ in met) == door.answers
    assert not any(changed for _, changed in met[1:])


@pytest.mark.parametrize(
    ("door", "answer"), CONFIGURING, ids=lambda one: getattr(one, "name", "") or str(one)
)
def test_only_an_administrator_of_every_site_sets_connections_up(world, door, answer):
    _, things = world
    cookies = {
        "everywhere": signed_in(UserFactory(role=Role.ADMINISTRATOR)),
        "of one site": signed_in(UserFactory(role=Role.ADMINISTRATOR, role__site=SiteFactory())),
    }

    met, changed = knock(door, "everywhere", cookies, things)

    changes = door.method != "get" and not door.name.endswith(("test", "sample", "effects", "try"))
    assert (met, changed) == (answer, changes)
    assert knock(door, "of one site", cookies, things) == (FORBIDDEN, False)


@pytest.mark.parametrize(
    ("door", "here", "elsewhere"),
    SENDING,
    ids=lambda one: f"{one.method} {one.name}" if isinstance(one, Door) else str(one),
)
def test_those_who_send_signals_map_and_import_them_for_their_own_sites(
    world, door, here, elsewhere
):
    _, things = world
    sites = {"here": SiteFactory(slug="north"), "there": SiteFactory(slug="south")}
    cookies = {
        name: signed_in(UserFactory(role=Role.INTEGRATOR, role__site=site))
        for name, site in sites.items()
    }

    assert knock(door, "here", cookies, things)[0] == here
    assert knock(door, "there", cookies, things) == (elsewhere, False)


def names(patterns, prefix=""):
    for one in patterns:
        if isinstance(one, URLResolver):
            if one.namespace != "admin":
                yield from names(one.url_patterns, f"{one.namespace}:" if one.namespace else prefix)
        elif isinstance(one, URLPattern):
            yield prefix + (one.name or str(one.pattern).strip("/$^"))


def test_every_address_is_listed():
    listed = {door.name for door in DOORS}

    assert set(names(get_resolver().url_patterns)) == listed
