"""Settings, requests and conversations: the pieces that connectors are made of."""

import dataclasses
import re
from typing import Literal

import pytest

from connectors import kit
from connectors.configuring import PEM
from connectors.describing import sample
from connectors.errors import Superseded
from connectors.kit import Reply
from connectors.redaction import STRUCK, Redactor
from connectors.registry import BY_SLUG
from exceptions_app.errors import Refused
from exceptions_app.vocabulary import Operation
from tests.factories import NOON


class Config(kit.Config):
    host: str = kit.setting("Host", "mail.example.com", "Where", pattern="[a-z.]+")
    token: str = kit.secret("Token", "t0ken")
    port: int = kit.setting("Port", default=25)
    level: Literal["low", "high"] = kit.setting("Level", default="low")
    loud: bool = kit.setting("Loud", default=False)


SUPPORT = {"subdomain": "acme", "email": "desk@acme.example"}
FINE = {"host": "mail.example.com", "token": "t"}


def test_settings_that_are_given_are_taken_and_the_rest_has_defaults():
    config = Config.read(FINE | {"port": 587, "level": "high", "loud": True})

    assert (config.host, config.port, config.level, config.loud) == (
        "mail.example.com",
        587,
        "high",
        True,
    )
    assert Config.read(FINE).port == 25


@pytest.mark.parametrize(
    ("given", "field", "problem"),
    [
        ({"token": "t"}, "host", "Host is missing."),
        (FINE | {"host": ""}, "host", "Host is missing."),
        (FINE | {"host": None}, "host", "Host is missing."),
        (FINE | {"host": "MAIL!"}, "host", "Host should look like mail.example.com."),
        (FINE | {"host": 3}, "host", "Host must be text."),
        (FINE | {"port": "25"}, "port", "Port must be a whole number."),
        (FINE | {"port": True}, "port", "Port must be a whole number."),
        (FINE | {"level": "middle"}, "level", "Level must be one of low, high."),
        (FINE | {"loud": "yes"}, "loud", "Loud must be true or false."),
        (FINE | {"chanel": "x"}, "chanel", "There is no such setting."),
    ],
)
def test_a_wrong_setting_is_refused_by_name(given, field, problem):
    with pytest.raises(Refused) as refusal:
        Config.read(given)

    assert refusal.value.fields == {field: problem}
    assert str(refusal.value) == problem


def test_settings_cannot_be_changed_and_do_not_show_secrets():
    config = Config.read(FINE)

    with pytest.raises(dataclasses.FrozenInstanceError):
        config.host = "elsewhere"  # type: ignore[misc]  # that is the point

    assert "token" not in repr(config)
    assert config.secrets() == ("t",)


def test_the_schema_says_what_a_form_needs():
    schema = {each.name: each for each in Config.schema()}

    assert list(schema) == ["host", "token", "port", "level", "loud"]
    assert (schema["host"].label, schema["host"].help, schema["host"].required) == (
        "Host",
        "Where",
        True,
    )
    assert schema["level"].choices == ("low", "high")
    assert (schema["token"].secret, schema["port"].secret) == (True, False)


def test_an_id_is_read_wherever_it_is():
    read = kit.in_body("ticket", "id")

    assert read(Reply(200, {"ticket": {"id": 7}})) == "7"
    assert read(Reply(200, {"ticket": {"id": 0}})) == "0"
    assert read(Reply(200, {"ticket": [7]})) == ""
    assert read(Reply(200)) == ""


def test_what_a_platform_cannot_do_is_superseded():
    zendesk = BY_SLUG["zendesk"]

    assert Operation.ATTACH not in zendesk.operations
    with pytest.raises(Superseded, match="Zendesk has no way to attach evidence to a record"):
        zendesk.conversation(Operation.ATTACH, sample(Operation.ATTACH, "1"), None)


def test_what_has_no_words_of_its_own_is_said_as_an_update_and_that_as_the_creation():
    zendesk, pagerduty = BY_SLUG["zendesk"], BY_SLUG["pagerduty"]

    assert zendesk.describing(Operation.CLOSE) is zendesk.update
    assert pagerduty.describing(Operation.COMMENT) is pagerduty.create


@pytest.mark.parametrize(
    "form",
    [
        "s3cr/t=&",
        "s3cr%2Ft%3D%26",
        "czNjci90PSY=",
        "Basic abc123==",
        "abc123==",
        '\\"q\\u00e4\\"',
        '\\"qä\\"',
    ],
)
def test_secrets_are_struck_out_in_every_form(form):
    redact = Redactor(["s3cr/t=&", "Basic abc123==", '"qä"', ""])

    assert redact(f"before {form} after") == f"before {STRUCK} after"


def test_without_secrets_nothing_is_struck_out():
    assert Redactor(())("as it was") == "as it was"


def told(talk, *answers):
    """The requests of a conversation; an answer that is a refusal is thrown into it."""
    sent = [next(talk)]
    for answer in answers:
        try:
            refused = isinstance(answer, Exception)
            sent.append(talk.throw(answer) if refused else talk.send(answer))
        except StopIteration as end:
            return sent, end.value
    raise AssertionError("It is not over.")


LOOK, SAY = kit.get("/notes"), kit.post("/notes", {"text": "Hi"})
AGAIN = dataclasses.replace(sample(Operation.COMMENT, "1"), again=True)


def test_what_may_have_been_said_is_looked_for_and_said_only_if_it_is_not_there():
    there, empty = Reply(200, {}, f"… {AGAIN.delivery_id} …"), Reply(200)

    assert told(kit.unless_said(AGAIN, LOOK, SAY), there) == ([LOOK], there)
    assert told(kit.unless_said(AGAIN, LOOK, SAY), empty, empty) == ([LOOK, SAY], empty)
    first = dataclasses.replace(AGAIN, again=False)
    assert told(kit.unless_said(first, LOOK, SAY), empty) == ([SAY], empty)


def test_what_may_be_there_is_looked_for_in_the_list():
    def talk():
        return kit.unless_there(AGAIN, LOOK, ("rows",), lambda one: one["id"] == 2, SAY)

    listed, empty = Reply(200, {"rows": [{"id": 1}, {"id": 2}]}), Reply(200)

    assert told(talk(), listed) == ([LOOK], Reply(200, {"id": 2}))
    assert told(talk(), empty, empty) == ([LOOK, SAY], empty)


def test_what_is_refused_is_said_with_less_or_not_at_all():
    def talk(**more):
        return kit.with_or_without(lambda body: kit.post("/records", body), {"a": 1}, **more)

    bare, full = kit.post("/records", {"a": 1}), kit.post("/records", {"a": 1, "owner": "Ana"})

    assert told(talk(owner="Ana"), kit.Permanent("No."), Reply(200))[0] == [full, bare]
    assert told(talk(owner=""), Reply(200))[0] == [bare]
    assert told(kit.if_taken(SAY), kit.Permanent("No.")) == ([SAY], None)


@pytest.mark.parametrize(("slug", "borne"), [("freshdesk", 50), ("pagerduty", 120)])
def test_the_worst_minute_with_a_burst_is_one_that_the_platform_bears(slug, borne):
    rate = BY_SLUG[slug].rate

    assert rate.seconds == 60
    assert rate.requests + rate.burst / rate.every <= borne


def test_a_signature_covers_what_the_platform_says_it_covers():
    proof = kit.Signature[Config]("X-Sign", lambda c: c.token, signs="{method} {X-Sent-At}:{body}")
    hook = kit.Hook("https://x/", b"{body}", NOON, "POST", {"x-sent-at": "17"})

    assert proof.timestamp == "X-Sent-At"
    assert proof.signed(hook) == b"POST 17:{body}"


@pytest.mark.parametrize(
    ("names", "name", "ours"),
    [
        ("On Hold,New,Working,Closed", "On Hold", "waiting"),
        ("On Hold,New,Working,Closed", "New", "new"),
        ("2,1,2,4", "2", "under_way"),
        ("2,1,2,4", "1", "new"),
        ("1,1,2,4", "1", "open"),
        ("2,1,2,4", "7", ""),
    ],
)
def test_a_name_that_stands_for_waiting_as_well_says_no_more_than_both(names, name, ours):
    assert kit.our_status(name, names) == ours


@pytest.mark.parametrize(
    ("token", "problem"),
    [
        ("s", "API token must be 6 characters or more."),
        ("zd\r\nX-Other: 1", "API token holds a character that cannot be sent. Paste it again."),
        ("zd-token\x00", "API token holds a character that cannot be sent. Paste it again."),
    ],
)
def test_a_secret_that_nobody_could_send_or_strike_out_is_refused_at_the_door(token, problem):
    config = BY_SLUG["zendesk"].config

    with pytest.raises(Refused) as refusal:
        config.settled({**SUPPORT, "token": token}, {})

    assert refusal.value.fields == {"token": problem}
    # One that is sealed already goes on.
    assert config.settled(SUPPORT, {"token": "s"})["token"] == "s"


@pytest.mark.parametrize(
    ("slug", "name", "pasted", "kept"),
    [
        ("zendesk", "subdomain", " https://acme.zendesk.com/agent/ ", "acme"),
        ("zendesk", "subdomain", "acme.zendesk.com", "acme"),
        ("zendesk", "subdomain", "acme", "acme"),
        (
            "salesforce",
            "domain",
            "https://acme--uat.sandbox.my.salesforce.com/",
            "acme--uat.sandbox",
        ),
        ("twilio", "to", "+49 (171) 555-0123", "+491715550123"),
        ("twilio", "to", "+44 (0)7700.900/111", "+447700900111"),
        ("zendesk", "token", " zd-token\n", "zd-token"),
    ],
)
def test_what_is_pasted_whole_is_cut_to_what_is_asked(slug, name, pasted, kept):
    config = BY_SLUG[slug].config
    sample = {each.name: each.sample() for each in config.schema()}

    assert config.settled({**sample, name: pasted}, {})[name] == kept


@pytest.mark.parametrize(
    ("flow", "missing"),
    [
        ("client credentials", {"client_secret"}),
        ("refresh token", {"client_secret", "refresh_token"}),
        ("JWT bearer", {"username", "private_key"}),
    ],
)
def test_what_a_choice_needs_is_asked_for(flow, missing):
    given = {"domain": "acme", "client_id": "3MVG9", "number_in": "Flagstand__c", "flow": flow}

    with pytest.raises(Refused) as refusal:
        BY_SLUG["salesforce"].config.settled(given, {})

    assert set(refusal.value.fields) == missing


@pytest.mark.parametrize(
    ("slug", "sealed"),
    [
        ("salesforce", {"flow": "refresh token", "refresh_token": "5Aep", "client_id": "3MVG9"}),
        ("zendesk", {"subdomain": "acme", "email": "nobody", "token": "t"}),
        ("jira", {"hook": "weak"}),
    ],
)
def test_what_is_sealed_already_goes_on_though_it_would_be_refused_today(slug, sealed):
    config = BY_SLUG[slug].config
    sample = {each.name: each.sample() for each in config.schema() if each.required}
    before = {**sample, **sealed}

    assert config.read(before, sealed=True)
    with pytest.raises(Refused):
        config.settled(before, {})


def test_only_what_is_changed_has_to_be_strong_today():
    config = BY_SLUG["jira"].config
    before = config.settled({**{each.name: each.sample() for each in config.schema()}}, {})
    before |= {"hook": "weak", "token": "t"}

    after = config.settled(before | {"project": "NEW"}, before)

    assert (after["project"], after["hook"], after["token"]) == ("NEW", "weak", "t")


@pytest.mark.parametrize(
    ("text", "struck"),
    [
        ("GET https://desk/act/WzEsMl0:1abcDE:f_g-hijk/ now", True),
        (r"https:\/\/desk\/act\/WzEsMl0:1abcDE:f_g-hijk", True),
        ("next=%2Fhooks%2F38%2FRgvqsjYiq_PqgmQtG7xamSd", True),
        ("https://acme.atlassian.net/rest/api/3/status/10001", False),
        ("https://linkedin.com/in/bob", False),
    ],
)
def test_an_address_that_acts_is_struck_out_however_it_is_written(text, struck):
    assert (STRUCK in Redactor(())(text)) == struck


def test_a_key_is_one_with_what_stands_around_it():
    key = "-----BEGIN PRIVATE KEY-----\\nMIIE\\n-----END PRIVATE KEY-----\n"

    for around in (
        "{}",
        '"{}"',
        "Bag Attributes\n  x: 1\n{}",
        "{}-----BEGIN CERTIFICATE-----\nA\n",
    ):
        assert re.fullmatch(PEM, around.format(key))
    assert not re.fullmatch(PEM, "-----BEGIN s3cret")
