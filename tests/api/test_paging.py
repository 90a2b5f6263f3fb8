"""Places in a list: readable again, and nothing else is taken for one."""

import base64
import json

import pytest

from dashboards.api.paging import mark, place
from exceptions_app.errors import Refused


def written(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize("value", [0, 1, 99, 2**63 - 1])
def test_a_place_is_read_as_it_was_written(value):
    assert place(mark("seq", value), "seq") == value


@pytest.mark.parametrize(
    "after",
    [
        "x",
        "____",
        "é",
        "=",
        written(7),
        written(["seq"]),
        written(["seq", 1, 2]),
        written(["position", 1]),
    ]
    + [written(["seq", value]) for value in ("1", 1.5, True, None, -1, 2**63, [1])],
)
def test_anything_else_is_refused(after):
    with pytest.raises(Refused) as refusal:
        place(after, "seq")

    assert list(refusal.value.fields) == ["after"]
