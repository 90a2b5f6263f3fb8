"""What holds for every stand-in: it takes what the connector sends, and answers as the vendor does."""

import json
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from connectors import answers, describing, inbound
from connectors.account import Account
from connectors.errors import DeliveryError
from connectors.kit import Hook, InAddress, Shared
from connectors.models import HookCall, SandboxRecord
from connectors.registry import CATALOGUE
from connectors.sandbox import acting
from connectors.sandbox.acting import WORDS
from connectors.sandbox.registry import STANDS
from exceptions_app.mirroring.hearing import TAKEN_UP, agrees, kind
from exceptions_app.models import Case, Connection, Delivery, Link
from exceptions_app.vocabulary import DeliveryState, Operation, Status
from tests.connectors.conftest import owed, perform_all, settings_of
from tests.factories import NOON

EVERY = pytest.mark.parametrize("connector", CATALOGUE, ids=lambda each: each.slug)
TOLD = [each for each in CATALOGUE if each.inbound]
EVERY_TOLD = pytest.mark.parametrize("connector", TOLD, ids=lambda each: each.slug)
PUBLIC = "https://desk.example/hooks/1/unguessable/"


def run(case, connection, operation, status=None):
    """Owe it with the case as it would then be, and perform it."""
    status = status or describing.STATUS.get(operation, Status.IN_PROGRESS)
    Case.objects.filter(pk=case.pk).update(status=status)
    owed(case, connection, operation, text=f"To {operation}.")
    perform_all()


def test_every_platform_has_one():
    assert STANDS.keys() == {each.slug for each in CATALOGUE}


@EVERY
def test_every_operation_arrives(connector, case, connect, sandbox):
    connection = connect(connector.slug, sandbox=True)

    for operation in connector.operations:
        run(case, connection, operation)

    states = Delivery.objects.values_list("operation", "state", "reason")
    assert {state for _, state, _ in states} == {DeliveryState.SENT}, list(states)
    link, records = Link.objects.get(), list(SandboxRecord.objects.all())
    assert {record.external_id for record in records} == {link.external_id}
    record = records[0]
    assert f"platform={connector.slug}&record=" in link.url
    shown = STANDS[connector.slug].show(record)
    assert shown.title
    assert shown.anchor == link.external_id


@EVERY
def test_what_is_sent_and_answered_satisfies_the_vendor(
    connector, case, connect, sandbox, contract_of
):
    if connector.contract_file is None:
        pytest.skip(f"Nobody publishes a contract of {connector.name}.")
    contract = contract_of(connector.slug)
    connection = connect(connector.slug, sandbox=True)

    for operation in connector.operations:
        run(case, connection, operation)
    base = urlsplit(connector.base_url(connector.config.read(settings_of(connector.slug))))

    problems = []
    for request, answer in sandbox:
        path = request.url.removeprefix(f"http://desk.example/sandbox/{connector.slug}/")
        url = f"{base.scheme}://{base.netloc}/{path}"
        if connector.contract_file.endswith(".json") and not contract.find(
            request.method, urlsplit(url).path
        ):
            assert "token" in path, f"{request.method} {path} is not what the vendor publishes"
            continue
        body = request.body if isinstance(request.body, str | bytes) else None
        problems += contract.request(request.method, url, request.headers, body)
        if hasattr(contract, "reply"):
            problems += contract.reply(request.method, url, answer.status_code, answer.content)
    assert problems == []


@EVERY
def test_a_record_that_may_be_there_is_not_made_twice(connector, case, connect, sandbox):
    """The same creation twice, as after an answer that was lost."""
    if not connector.bears_repeating(Operation.CREATE):
        pytest.skip(f"{connector.name} knows no way to send a creation twice and have it once.")
    connection = connect(connector.slug, sandbox=True)
    run(case, connection, Operation.CREATE)
    Link.objects.all().delete()
    Delivery.objects.update(state=DeliveryState.SENDING, due_at=NOON, attempts=1)

    perform_all()

    assert Delivery.objects.get().state == DeliveryState.SENT
    assert SandboxRecord.objects.count() == Link.objects.count() == 1


@EVERY
def test_whoever_is_not_signed_in_changes_nothing(connector, case, connect, sandbox, settings):
    connection = connect(connector.slug, sandbox=True)
    strange = {**settings_of(connector.slug)}
    for each in connector.config.schema():
        known = strange.get(each.name) if each.secret else ""
        if known and (not each.pattern or "whsec_" in known):
            strange[each.name] = somebody_elses(known)
    account = Account(connection)
    account.config = connector.config.read(strange)
    account.base_url = connector.base_url(account.config)
    account.sign_in = connector.sign_in(account.config)
    account.grant = None
    talk = connector.conversation(
        Operation.CREATE, describing.sample(Operation.CREATE, ""), account.config
    )
    _, reply = account.ask(next(talk))

    with pytest.raises(DeliveryError):
        answers.judge(connector, reply)
    assert SandboxRecord.objects.count() == 0


def somebody_elses(secret):
    """What is written after the end of base64 would not be read."""
    before, mark, key = secret.rpartition("whsec_")
    return f"{before}{mark}{key.swapcase()}" if mark else f"{secret}-of-somebody-else"


@EVERY
def test_what_we_told_is_no_news_when_it_is_read_back(connector, case, connect, sandbox):
    """Otherwise every change of ours would come back as one of theirs."""
    if connector.read is None:
        pytest.skip(f"{connector.name} cannot be asked how a record stands.")
    connection = connect(connector.slug, sandbox=True)

    for operation in (each for each in connector.operations if each != Operation.ATTACH):
        run(case, connection, operation)
        account = Account(connection)
        _, reply = account.ask(connector.read(Link.objects.get().external_id, account.config))
        answers.judge(connector, reply)
        said = connector.status_of(reply.body, account.config)
        now = str(describing.STATUS.get(operation, Status.IN_PROGRESS))
        assert not said or (agrees(said, now), (said, now) in TAKEN_UP) == (True, False), operation


@EVERY
def test_what_waits_here_does_not_go_on_by_what_is_read_back(connector, case, connect, sandbox):
    """Many platforms have no word for waiting, and must not be taken for one who went on."""
    if connector.read is None:
        pytest.skip(f"{connector.name} cannot be asked how a record stands.")
    connection = connect(connector.slug, sandbox=True)
    run(case, connection, Operation.CREATE)
    Case.objects.filter(pk=case.pk).update(due_at=None)
    run(case, connection, Operation.UPDATE, Status.WAITING)
    account = Account(connection)

    _, reply = account.ask(connector.read(Link.objects.get().external_id, account.config))

    said = connector.status_of(reply.body, account.config)
    assert not said or agrees(said, Status.WAITING)


# --- What they tell us -----------------------------------------------------------------------


def call_from(connector, case, connect, *, act=None):
    """What the platform would send when somebody does this there, signed as it signs."""
    connection = connect(connector.slug, sandbox=True)
    run(case, connection, Operation.CREATE)
    record, stand = SandboxRecord.objects.get(), STANDS[connector.slug]
    config = Account(connection).config
    assert stand.event
    body = stand.event(record, act or stand.does_there[0], "The car is here.")
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    proof = connector.inbound.proof
    headers = {proof.timestamp.lower(): connector.inbound.stamp(NOON)} if proof.timestamp else {}
    url = proof.address(PUBLIC, config) if isinstance(proof, InAddress) else PUBLIC
    hook = Hook(url, raw, NOON, "POST", headers)
    signed = {name.lower(): value for name, value in proof.sign(hook, config).items()}
    return Hook(url, raw, NOON, "POST", headers | signed), config, record


@EVERY_TOLD
def test_a_call_that_is_signed_is_believed_and_understood(connector, case, connect, sandbox):
    stand = STANDS[connector.slug]
    assert stand.event
    assert set(stand.does_there) <= set(WORDS), "say what it is called on its button"
    assert stand.does_there, "say what people can do over there"

    for act in stand.does_there:
        for every in (SandboxRecord, Link, Delivery):
            every.objects.all().delete()
        Connection.objects.all().delete()
        hook, config, record = call_from(connector, case, connect, act=act)
        assert connector.inbound.proof.problem(hook, config) == ""
        (event,) = connector.inbound.read(hook.body, config)
        named = (event.external_id, event.number)
        assert named in {(record.external_id, ""), ("", case.shown_number)}
        said = (event.status, event.comment, event.verb, event.look, event.assignee_email)
        assert any(said), f"{act} says nothing"
        if act == "comment" and not event.look:
            assert "The car is here." in event.comment


@EVERY_TOLD
def test_what_is_done_again_over_there_is_heard_again(connector, case, connect, hooks, at_noon):
    """Each call has a number or a time of its own; without one it would be dropped as a repeat."""
    run(case, connect(connector.slug, sandbox=True), Operation.CREATE)
    acts = STANDS[connector.slug].does_there

    for act in (*acts, *acts):
        act_there(act, at_noon)

    assert HookCall.objects.count() == 2 * len(acts)


@EVERY_TOLD
def test_what_is_solved_opened_and_solved_again_there_is_so_here(
    connector, case, connect, hooks, at_noon
):
    run(case, connect(connector.slug, sandbox=True), Operation.CREATE)
    acts = STANDS[connector.slug].does_there
    settling = next((act for act in acts if act in {"solve", "close"}), "")
    if "reopen" not in acts:
        pytest.skip(f"{connector.name} has nothing to open again.")

    seen = []
    for act in (settling, "reopen", settling, "reopen"):
        act_there(act, at_noon)
        inbound.take_in()
        perform_all()
        seen.append(kind(Case.objects.get().status))

    assert seen == ["settled", "open", "settled", "open"]


def act_there(act, clock):
    clock.shift(2)
    acting.act_there(SandboxRecord.objects.get(), act, "The car is here.", at=timezone.now())


@EVERY_TOLD
def test_a_call_that_was_tampered_with_is_not(connector, case, connect, sandbox):
    hook, config, _ = call_from(connector, case, connect)
    if isinstance(connector.inbound.proof, InAddress):
        changed = Hook(f"{hook.url}x", hook.raw, hook.at, hook.method, hook.headers)
    elif isinstance(connector.inbound.proof, Shared) or not getattr(
        connector.inbound.proof, "covers_body", True
    ):
        headers = {name: f"{value}x" for name, value in hook.headers.items()}
        changed = Hook(hook.url, hook.raw, hook.at, hook.method, headers)
    else:
        changed = Hook(hook.url, hook.raw + b" ", hook.at, hook.method, hook.headers)

    assert connector.inbound.proof.problem(changed, config)
    assert connector.inbound.proof.problem(Hook(PUBLIC, hook.raw, hook.at), config)


@EVERY_TOLD
def test_a_call_that_is_stale_is_not(connector, case, connect, sandbox):
    if not connector.inbound.proof.timestamp:
        pytest.skip(
            f"{connector.name} does not say when it sent; a repeat is known by its content."
        )
    hook, config, _ = call_from(connector, case, connect)
    late = Hook(hook.url, hook.raw, NOON.replace(year=NOON.year + 1), hook.method, hook.headers)

    assert connector.inbound.proof.problem(late, config)


@EVERY_TOLD
def test_a_call_again_has_the_same_name(connector, case, connect, sandbox):
    hook, _, _ = call_from(connector, case, connect)

    assert connector.inbound.event_id(hook) == connector.inbound.event_id(hook)
    other = Hook(hook.url, b'{"another": "call"}', hook.at)
    assert connector.inbound.event_id(hook) != connector.inbound.event_id(other)


@EVERY_TOLD
def test_nonsense_from_a_platform_is_no_event_and_no_fault(connector):
    config, nonsense = connector.config.sample(), ["{}", '{"a": [1, {"b": null}]}', "[]", "[{}]"]

    for body in map(json.loads, [*nonsense, '{"event": "x", "action": null}']):
        assert list(connector.inbound.read(body, config)) == []
