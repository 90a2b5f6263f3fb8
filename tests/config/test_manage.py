"""Which commands find the embedded database running."""

import pytest

import manage


@pytest.mark.parametrize(
    "line", ["migrate", "shell -c pass", "demo", "doctor --json", "runclocks", "verify_timeline"]
)
def test_a_command_that_needs_the_database_has_it(monkeypatch, line):
    monkeypatch.delenv("DATABASE_URL", raising=False)

    assert manage._needs_embedded(["manage.py", *line.split()])


@pytest.mark.parametrize(
    "line",
    ["", "help migrate", "migrate --help", "shell -h", "--version", "check", "collectstatic"],
)
def test_a_command_that_only_looks_at_the_code_starts_nothing(monkeypatch, line):
    monkeypatch.delenv("DATABASE_URL", raising=False)

    assert not manage._needs_embedded(["manage.py", *line.split()])


@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_URL_FILE"])
def test_nothing_is_started_where_a_database_is_given(monkeypatch, name):
    monkeypatch.setenv(name, "given")

    assert not manage._needs_embedded(["manage.py", "migrate"])
