"""The readers of the environment: a value that makes sense, or a sentence."""

import pytest
from cryptography.fernet import Fernet

from config import env

KEY = "A" * 43 + "="


def test_what_is_not_set_is_the_default(monkeypatch):
    monkeypatch.delenv("DESK", raising=False)

    assert env.text("DESK", default="x") == "x"
    assert env.flag("DESK", default=True)
    assert env.number("DESK", default=3, at_least=1, at_most=9) == 3
    assert env.names("DESK", default=["a", "b"]) == ["a", "b"]
    assert env.secret("DESK", default="") == ""


def test_what_must_be_set_is_asked_for(monkeypatch):
    monkeypatch.delenv("DESK", raising=False)

    with pytest.raises(env.BadSetting, match="DESK is not set"):
        env.text("DESK")


@pytest.mark.parametrize(
    ("written", "meant"), [("true", True), ("1", True), ("Yes", True), ("off", False), ("0", False)]
)
def test_a_flag_may_be_written_in_several_ways(monkeypatch, written, meant):
    monkeypatch.setenv("DESK", written)

    assert env.flag("DESK", default=not meant) is meant


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("maybe", lambda: env.flag("DESK", default=False)),
        ("0", lambda: env.number("DESK", default=3, at_least=1, at_most=9)),
        ("10", lambda: env.number("DESK", default=3, at_least=1, at_most=9)),
        ("three", lambda: env.number("DESK", default=3, at_least=1, at_most=9)),
        ("LOUD", lambda: env.one_of("DESK", "INFO", "ERROR", default="INFO")),
        ("desk.example.com", lambda: env.web_address("DESK", default="http://localhost")),
        ("https://", lambda: env.web_address("DESK", default="http://localhost")),
        ("10.0.0.0/8, proxy", lambda: env.networks("DESK", default=[])),
        (f"{KEY},short", lambda: env.keys("DESK")),
    ],
)
def test_nonsense_is_refused_by_name(monkeypatch, written, read):
    monkeypatch.setenv("DESK", written)

    with pytest.raises(env.BadSetting, match=r"DESK.*\."):
        read()


def test_names_are_separated_by_commas(monkeypatch):
    monkeypatch.setenv("DESK", "a.example, b.example,")

    assert env.names("DESK", default=[]) == ["a.example", "b.example"]


def test_a_secret_may_begin_with_a_dollar(monkeypatch):
    monkeypatch.setenv("DESK", "$ecret")

    assert env.secret("DESK") == "$ecret"


def test_a_secret_may_lie_in_a_file(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("hush\n")
    monkeypatch.setenv("DESK_FILE", str(tmp_path / "secret"))

    assert env.secret("DESK") == "hush"


def test_a_secret_in_two_places_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("DESK", "a")
    monkeypatch.setenv("DESK_FILE", str(tmp_path / "secret"))

    with pytest.raises(env.BadSetting, match="Keep one"):
        env.secret("DESK")


def test_a_secret_file_that_is_not_there_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("DESK_FILE", str(tmp_path / "gone"))

    with pytest.raises(env.BadSetting, match=r"DESK_FILE is .*gone"):
        env.secret("DESK")


def test_a_secret_that_nobody_gave_is_refused(monkeypatch):
    monkeypatch.delenv("DESK", raising=False)

    with pytest.raises(env.BadSetting, match="Neither DESK nor DESK_FILE"):
        env.secret("DESK")


def test_keys_come_newest_first(monkeypatch):
    older = Fernet.generate_key().decode()
    monkeypatch.setenv("DESK", f"{KEY}, {older}")

    assert env.keys("DESK") == [KEY, older]


def test_a_database_address_is_taken_apart():
    found = env.database("postgres://ana:s%40fe@db.example:5433/desk?sslmode=require")

    assert (found["USER"], found["PASSWORD"], found["PORT"]) == ("ana", "s@fe", 5433)
    assert found["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize(
    "url",
    ["sqlite:///desk.db", "mysql://a@b/c", "postgres://a@b/", "postgres://a:b:c@[", "nonsense"],
)
def test_any_other_database_is_refused(url):
    with pytest.raises(env.BadSetting, match="only PostgreSQL"):
        env.database(url)
