"""Settings that map names to values, in one field of the form."""

import pytest

from connectors import kit, words
from exceptions_app.errors import Refused


class Config(kit.Config):
    labels: str = kit.mapped("Labels", "high=17", "Ids of {}", words.SEVERITIES, r"\d+")
    fields: str = kit.mapped("Fields", "link=")


def test_names_are_in_lower_case_and_a_value_may_be_empty():
    assert kit.pairs(" Ana@acme.example = 17,ben@acme.example=") == {
        "ana@acme.example": "17",
        "ben@acme.example": "",
    }
    assert kit.pairs("") == {}


def test_the_last_of_a_name_counts():
    assert kit.pairs("status=Status,status=Stand") == {"status": "Stand"}


def test_a_value_gives_its_name_in_whatever_case():
    assert kit.named("waiting=On hold, resolved=Done", "ON HOLD") == "waiting"
    assert kit.named("waiting=On hold, link=", "") == ""


@pytest.mark.parametrize("given", ["high=17", "high = 17 , low=18", "critical=1,high=2"])
def test_what_is_mapped_is_taken(given):
    assert Config.read({"labels": given}).labels == given


@pytest.mark.parametrize("given", ["hihg=17", "high", "high=x", "high=17;low=18", "high=17,"])
def test_what_is_not_a_mapping_is_refused(given):
    with pytest.raises(Refused, match="Labels should look like high=17"):
        Config.read({"labels": given})


def test_the_help_names_what_can_be_mapped():
    labels, _ = Config.schema()

    assert labels.help == "Ids of critical, high, medium, low"


@pytest.mark.parametrize("word", words.STATUSES)
def test_our_words_are_read_as_they_are_written(word):
    assert words.status_in(words.readable(word)) == word
