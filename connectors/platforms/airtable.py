"""Airtable: a record per case in one table, merged on the case's number, with what happened as comments.

Airtable's own webhooks name no record, so what is told back comes from a script in an automation.
"""

from connectors import kit

FIELDS = "number=Case,title=Title,description=Description,severity=Severity,status=Status,"
FIELDS += "assignee=Assignee,due=Due,link=Link"
LONGEST, ID = 100_000, ("records", 0, "id")
SCOPES = "airtable.com/create/tokens, to read and write data.records and write data.recordComments"


class Config(kit.Config):
    """Make an automation: when a record is updated, run a script with the input variable record, its
    Airtable record ID. The script is: await fetch('this address', {method: 'POST', headers:
    {'X-Flagstand-Secret': 'the secret'}, body: JSON.stringify(input.config())})
    """

    base: str = kit.setting("Base", "appA1b2C3d4E5f6G7", "In the base's address", pattern=r"app\w+")
    table: str = kit.setting("Table", "tblA1b2C3d4E5f6G7", "After the base", pattern=r"tbl\w+")
    token: str = kit.secret("Access token", "pat-airtable", SCOPES)
    fields: str = kit.mapped(
        "Fields named otherwise", "due=Promised, link=", f"Else {FIELDS}", kit.pairs(FIELDS)
    )
    secret: str = kit.hook_secret("Secret", "Of your choice, for the script")


def create(case: kit.Snapshot, config: Config) -> kit.Request:
    body = {
        "performUpsert": {"fieldsToMergeOn": [named(config)["number"]]},
        "records": [{"fields": fields(case, config, description=case.text[:LONGEST])}],
        "typecast": True,
    }
    return kit.patch(table(config), body)


def change(case: kit.Snapshot, config: Config) -> kit.Request:
    body = {"fields": fields(case, config), "typecast": True}
    return kit.patch(f"{table(config)}/{case.external_id}", body)


def comment(case: kit.Snapshot, config: Config) -> kit.Request:
    """A name in brackets after an @ is told of it."""
    text = case.text.replace("@[", "@ [")
    return kit.post(f"{table(config)}/{case.external_id}/comments", {"text": text})


def fields(case: kit.Snapshot, config: Config, **more: str) -> kit.Json:
    """A field without a name is left out, and what we have nothing for stays as people have set it; options
    that are not there yet Airtable adds (typecast).
    """
    given = more | {
        "number": case.number,
        "title": case.headline[:LONGEST],
        "severity": kit.readable(case.severity),
        "status": kit.readable(case.status),
        "assignee": case.assignee_email,
        "due": case.due(),
        "link": case.url,
    }
    return {at: given[name] for name, at in named(config).items() if at and given.get(name)}


def named(config: Config) -> dict[str, str]:
    return kit.pairs(f"{FIELDS},{config.fields}")


def table(config: Config) -> str:
    return f"/v0/{config.base}/{config.table}"


def matching(formula: str, config: Config) -> kit.Request:
    """Answered by id where the fields are given by id, as those of a single record are not."""
    by_id = str(named(config)["status"].startswith("fld")).lower()
    asked = {"filterByFormula": formula, "maxRecords": "1", "returnFieldsByFieldId": by_id}
    return kit.get(table(config), asked)


def status_of(body: kit.Json, config: Config) -> str:
    return kit.status_in(kit.dig(body, "records", 0, "fields", named(config)["status"]))


PROOF = kit.Shared[Config](lambda c: c.secret)

connector = kit.Connector(
    slug="airtable",
    name="Airtable",
    docs="https://airtable.com/developers/web/api/update-multiple-records",
    config=Config,
    base_url=lambda c: "https://api.airtable.com",
    sign_in=lambda c: kit.bearer(c.token),
    test=lambda c: kit.get(table(c), {"maxRecords": "1"}),
    create=create,
    change=change,
    comment=comment,
    external_id=kit.in_body(*ID),
    find=lambda case, c: matching(f"{{{named(c)['number']}}}='{case.number}'", c),
    found=kit.in_body(*ID),
    read=lambda id, c: matching(f"RECORD_ID()='{id}'", c),
    status_of=status_of,
    inbound=kit.Inbound(PROOF, kit.naming(("record",), author="by"), kit.by_moment),
    cannot={"attach": "Airtable takes files at another address than the contract lists."},
    safe=frozenset({kit.CREATE}),
    rate=kit.Rate(4, 1),
    pause_of=lambda reply: 30 * kit.SECOND if reply.status == 429 else None,
    url_of=lambda id, c: f"https://airtable.com/{c.base}/{c.table}/{id}",
)
