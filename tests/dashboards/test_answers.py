"""What any page answers to an address that makes no sense."""

import pytest


@pytest.mark.parametrize(
    "path",
    [
        "/board/?q=%00",
        "/subjects/?q=%00",
        "/subjects/?site=%00",
        "/deliveries/?site=%00",
        "/reports/?site=%00",
        "/flag/subjects/?q=a%00b",
        "/flag/similar/?reference=a%00b",
    ],
)
def test_a_letter_that_no_database_takes_finds_nothing(desk, path):
    assert desk.get(path).status_code == 200
