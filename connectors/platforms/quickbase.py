"""Quickbase: a record per case in one table, merged on the case's number, with what happened in a log field.

Quickbase has no comments: a text field that keeps what was there ("log the entries") is where they go.
"""

from connectors import kit

FIELDS = "number=6,title=7,description=8,severity=9,status=10,assignee=11,due=12,link=13,log=14"
LISTS = ("createdRecordIds", "updatedRecordIds", "unchangedRecordIds")


class Config(kit.Config):
    """In the table's settings make a webhook for changed records: this address, method POST, the header
    X-Flagstand-Secret with the secret, and the body {"record": "[Record ID#]"}.
    """

    realm: str = kit.setting("Realm", "acme", "Before .quickbase.com", pattern=kit.LABEL)
    table: str = kit.setting("Table", "bck7gp3q2", "After /db/ in its address", pattern="[a-z0-9]+")
    token: str = kit.secret("User token", "b3abcd_quickbase", "My preferences, My user tokens")
    fields: str = kit.mapped("Other field ids", "due=22, link=", FIELDS, kit.pairs(FIELDS), r"\d*")
    secret: str = kit.hook_secret("Secret", "Of your choice, for the header")


def create(case: kit.Snapshot, config: Config) -> kit.Request:
    return upsert(config, description=case.text, **fields(case))


def change(case: kit.Snapshot, config: Config) -> kit.Request:
    return upsert(config, log=case.text, **fields(case))


def fields(case: kit.Snapshot) -> dict[str, str]:
    return {
        "number": case.number,
        "title": case.headline,
        "severity": kit.readable(case.severity),
        "status": kit.readable(case.status),
        "assignee": case.assignee_email,
        "due": case.due("%Y-%m-%dT%H:%M:%SZ"),
        "link": case.url,
    }


def upsert(config: Config, **given: str) -> kit.Request:
    """The number is what a record is known by, so that the same again is the same record; what we have
    nothing for stays as people have set it.
    """
    ids = {name: id for name, id in named(config).items() if id and given.get(name)}
    body = {
        "to": config.table,
        "data": [{id: {"value": given[name]} for name, id in ids.items()}],
        "mergeFieldId": int(ids["number"]),
        "fieldsToReturn": [3],
    }
    return kit.post("/records", body, headers=realm(config))


def look_up(where: str, config: Config) -> kit.Request:
    select = [3, int(named(config)["status"] or 3)]
    body = {"from": config.table, "select": select, "where": where}
    return kit.post("/records/query", body, headers=realm(config))


def named(config: Config) -> dict[str, str]:
    return kit.pairs(f"{FIELDS},{config.fields}")


def realm(config: Config) -> dict[str, str]:
    return {"QB-Realm-Hostname": f"{config.realm}.quickbase.com"}


def record_id(reply: kit.Reply) -> str:
    """Whether it was made, changed or the same before is three lists."""
    return "".join(kit.text(reply.body, "metadata", one, 0) for one in LISTS)


def refusal(reply: kit.Reply) -> str:
    """With 207, and even with 200, our record may not have been written."""
    told = kit.dig(reply.body, "metadata")
    lost = kit.dig(told, "totalNumberOfRecordsProcessed") != "" and not record_id(reply)
    return kit.text(told, "lineErrors", "1", 0) or ("nothing written" if lost else "")


def status_of(body: kit.Json, config: Config) -> str:
    return kit.status_in(kit.dig(body, "data", 0, named(config)["status"], "value"))


PROOF = kit.Shared[Config](lambda c: c.secret)

connector = kit.Connector(
    slug="quickbase",
    name="Quickbase",
    docs="https://developer.quickbase.com/operation/upsert",
    config=Config,
    base_url=lambda c: "https://api.quickbase.com/v1",
    sign_in=lambda c: kit.header(Authorization=f"QB-USER-TOKEN {c.token}"),
    test=lambda c: look_up("{3.EX.'0'}", c),
    create=create,
    update=change,
    comment=lambda case, c: upsert(c, log=case.text, number=case.number),
    external_id=record_id,
    find=lambda case, c: look_up(f"{{{named(c)['number']}.EX.'{case.number}'}}", c),
    found=kit.in_body("data", 0, "3", "value"),
    read=lambda id, c: look_up(f"{{3.EX.'{id}'}}", c),
    status_of=status_of,
    inbound=kit.Inbound(PROOF, kit.naming(("record",), author="by"), kit.by_moment),
    cannot={"attach": "How a file field is written is not in Quickbase's contract."},
    safe=frozenset({kit.CREATE}),
    rate=kit.Rate(80, 10),
    refusal=refusal,
    url_of=lambda id, c: f"https://{c.realm}.quickbase.com/db/{c.table}?a=dr&rid={id}",
)
