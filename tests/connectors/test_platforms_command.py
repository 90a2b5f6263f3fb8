"""manage.py platforms: the catalogue for people and machines, and what we would send."""

import json

from django.core.management import call_command

from connectors.registry import CATALOGUE


def said(capsys, *arguments):
    call_command("platforms", *arguments)
    return capsys.readouterr().out


def test_every_platform_is_listed_with_what_it_can_do(capsys):
    lines = said(capsys).splitlines()

    assert len(lines) == len(CATALOGUE)
    assert any(line.split()[:2] == ["Zendesk", "create,"] for line in lines)


def test_the_list_for_machines_has_what_was_agreed(capsys):
    listed = json.loads(said(capsys, "--json"))

    assert {frozenset(each) for each in listed} == {
        frozenset({"slug", "name", "operations", "inbound", "contract"})
    }
    zendesk = next(each for each in listed if each["slug"] == "zendesk")
    assert zendesk == {
        "slug": "zendesk",
        "name": "Zendesk",
        "operations": ["create", "update", "comment", "close", "reopen", "look_up"],
        "inbound": zendesk["inbound"],
        "contract": "zendesk.openapi.json",
    }
    assert next(each for each in listed if each["slug"] == "smtp")["contract"] is None


def test_a_capture_is_one_request_per_line_and_satisfies_the_vendors(capsys, tmp_path, contract_of):
    file = tmp_path / "sent.jsonl"

    told = said(capsys, "--capture", str(file))

    lines = [json.loads(line) for line in file.read_text().splitlines()]
    problems = [
        problem
        for one in lines
        for problem in contract_of(one["slug"]).request(
            one["method"], one["url"], one["headers"], one["body"]
        )
    ]
    assert told == f"{len(lines)} requests in {file}\n"
    assert {frozenset(one) for one in lines} == {
        frozenset({"slug", "method", "url", "headers", "body"})
    }
    assert {one["slug"] for one in lines} == {each.slug for each in CATALOGUE if each.contract}
    assert problems == []
