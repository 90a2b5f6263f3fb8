import gzip
import json
from io import StringIO
from time import perf_counter

import pytest
from django.core.management import CommandError, call_command

from tests.sla.shared import shared

HEADER = "nr,kind,opened,target,closed,verdict"
ROWS = (
    "1,dog,2026-04-02 10:00:00,2026-04-07 10:00:00,2026-04-07 09:00:00,kept",
    "2,dog,2026-04-02 18:00:00,2026-04-08 09:00:00,,late",
    "3,bug,2026-03-28 10:00:00,2026-03-30 10:00:00,2026-04-10 09:00:00,late",
    "4,cat,2026-04-02 10:00:00,,,",
    "5,owl,2026-04-02 10:00:00,2026-04-03 10:00:00,,",
    "6,dog,2026-04-01 10:00:00,2026-04-01 18:00:00,,late",
)
COLUMNS = {"opened": "opened", "target": "target", "closed": "closed", "outcome": "verdict"}
RULES = {
    "type": "kind",
    "key": "nr",
    "met": "kept",
    "missed": "late",
    "zone": "Europe/Berlin",
    "week": "mon-fri 09:00-17:00",
    "region": "DE",
    "holidays_from": 2026,
    "length": ["dog=1 business day", "bug=2 calendar days"],
}


@pytest.fixture
def write(tmp_path):
    def written(*lines, header=HEADER):
        path = tmp_path / "cases.csv"
        path.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
        return path

    return written


def check(path, **options):
    out, err = StringIO(), StringIO()
    call_command("check_targets", str(path), stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def test_the_shares_are_printed_as_json(write):
    out, err = check(write(*ROWS), json=True, **COLUMNS, **RULES)

    assert json.loads(out) == {
        "one_business_day": {"cases": 3, "within_60_s": 2 / 3, "within_120_s": 2 / 3},
        "calendar_days": {"cases": 1, "within_60_s": 1.0, "within_120_s": 1.0},
        "outcome": 1.0,
    }
    assert err == ""


def test_without_json_a_person_reads_shares_notes_and_the_worst_misses(write):
    out, _ = check(write(*ROWS), **COLUMNS, **RULES)

    assert out.splitlines() == [
        "Europe/Berlin, mon-fri 09:00-17:00, holidays DE from 2026",
        "",
        "                         cases   within 60 s  within 2 min",
        "one business day             3       66.667%       66.667%",
        "calendar days                1      100.000%      100.000%",
        "outcome                      4      100.000%",
        "",
        "1 cases have no published target and were left out.",
        "1 cases have a target, but no published outcome yet.",
        '1 of type “owl” have no length; give one with --length "owl=…".',
        "Open cases were judged as of Fri 2026-04-10 09:00:00 CEST.",
        "",
        "The worst misses:",
        "6 dog, off by -16:00:00: fits no simple rule; perhaps set by hand",
        "    opened    Wed 2026-04-01 10:00:00 CEST",
        "    published Wed 2026-04-01 18:00:00 CEST",
        "    ours      Thu 2026-04-02 10:00:00 CEST",
    ]


def test_years_without_holidays_are_named(write):
    out, _ = check(write(*ROWS), **COLUMNS, **(RULES | {"holidays_from": 2027}))

    assert "No holidays are known for 2026." in out


def test_without_holidays_and_outcomes_one_length_may_serve_all(write):
    path = write("2026-04-02T10:00+02:00,2026-04-02T14:00Z", header="from,to")

    out, _ = check(path, opened="from", target="to", length=["6 elapsed hours"])

    assert "UTC, mon-fri 09:00-17:00, holidays none" in out
    assert "elapsed                      1      100.000%      100.000%" in out
    assert "outcome                      0             -" in out


def test_a_file_without_a_single_case_says_nothing_about_it(write):
    out, _ = check(write(), **COLUMNS, **RULES)

    assert out.splitlines()[3:] == [
        "one business day             0             -             -",
        "calendar days                0             -             -",
        "outcome                      0             -",
        "",
        "",
    ]


def test_a_zipped_file_is_read_as_it_is(write, tmp_path):
    zipped = tmp_path / "cases.gz"
    zipped.write_bytes(gzip.compress(write(*ROWS).read_bytes()))

    assert check(zipped, **COLUMNS, **RULES) == check(write(*ROWS), **COLUMNS, **RULES)


def test_open_cases_may_be_judged_as_of_a_stated_time(write):
    out, _ = check(write(*ROWS), json=True, extracted="2026-04-08 08:00", **COLUMNS, **RULES)

    assert json.loads(out)["outcome"] == 0.75


def test_malformed_rows_are_counted_and_named_and_the_rest_is_compared(write):
    path = write(
        *ROWS,
        "7,dog,,2026-04-07 10:00:00,,",
        "8,dog,yesterday,2026-04-07 10:00:00,,",
        "9,dog,2026-04-02 10:00:00,9999-12-31 23:59:59,,",
        "10,dog",
        "11,dog,2026-04-02 10:00:00,2026-04-07 10:00:00,,maybe",
    )

    out, err = check(path, json=True, **COLUMNS, **RULES)

    assert json.loads(out)["one_business_day"]["cases"] == 3
    assert err.splitlines() == [
        "5 malformed rows left out:",
        "Line 8: opened is empty.",
        "Line 9: opened is “yesterday”, not a time like 2026-03-31 08:30:00.",
        "Line 10: target is “9999-12-31 23:59:59”, not a time like 2026-03-31 08:30:00.",
        "Line 11: 2 fields, the header has 6.",
        "Line 12: verdict is “maybe”, neither kept nor late.",
    ]


def test_of_many_malformed_rows_the_first_are_named(write):
    _, err = check(write(*ROWS, *["bad"] * 30), json=True, **COLUMNS, **RULES)

    assert len(err.splitlines()) == 22
    assert err.splitlines()[-1] == "and 10 more."


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"opened": "begun"}, "The file has no column “begun”. It has: nr, kind, opened, target"),
        ({"opened": None}, "The header fits no preset. Say where to look"),
        ({"length": []}, "The header fits no preset. Say where to look"),
        ({"length": ["dog=soon"]}, "“soon” is no length"),
        ({"zone": "Boston"}, "“Boston” is no time zone"),
        ({"zone": "../etc"}, "“../etc” is no time zone"),
        ({"week": "mon"}, "“mon” opens on no day"),
        ({"region": "XX-YY"}, "No holidays are known for “XX-YY”"),
        ({"extracted": "today"}, "“today” is no time"),
        ({"preset": "boston311"}, "The file has no column “begun”"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(write, options, sentence):
    given = COLUMNS | RULES | {"opened": "begun"} if "preset" in options else COLUMNS | RULES

    with pytest.raises(CommandError) as refusal:
        check(write(*ROWS), **(given | options))

    assert str(refusal.value).startswith(sentence)


def test_a_file_that_is_not_there_a_folder_and_a_damaged_one_are_said_in_a_sentence(tmp_path):
    damaged = tmp_path / "damaged.gz"
    damaged.write_bytes(gzip.compress(b"opened,target\n" * 9_000)[:-20])

    with pytest.raises(CommandError, match=r"nowhere\.csv cannot be read: No such file"):
        check(tmp_path / "nowhere.csv")
    with pytest.raises(CommandError, match="cannot be read: Is a directory"):
        check(tmp_path)
    with pytest.raises(CommandError, match=r"damaged\.gz is damaged, or no CSV file"):
        check(damaged, opened="opened", target="target", length=["1 business day"])


def test_an_empty_file_has_no_header_to_go_by(tmp_path):
    empty = tmp_path / "empty.csv"
    empty.touch()

    with pytest.raises(CommandError, match="The header fits no preset"):
        check(empty)


def test_our_calendar_reproduces_the_targets_that_boston_published():
    path, began = shared("boston311/cases_dev.csv.gz"), perf_counter()

    out, err = check(path, json=True)

    shares = json.loads(out)
    days, quarters = shares["one_business_day"], shares["calendar_days"]
    assert (list(shares), err) == (["one_business_day", "calendar_days", "outcome"], "")
    assert (days["cases"], quarters["cases"]) == (12_560, 3_897)
    assert days["within_60_s"] >= 0.995
    assert days["within_120_s"] >= 0.998
    assert quarters["within_120_s"] >= 0.999
    assert shares["outcome"] == 1.0
    assert perf_counter() - began < 20
