"""The folder of this installation and the secrets in it."""

import os
import stat

import pytest

from config import home


def test_a_secret_is_made_once_and_kept_private(own_home):
    first = home.remembered("hush", lambda: "first")
    second = home.remembered("hush", lambda: "second")

    assert (first, second) == ("first", "first")
    assert stat.S_IMODE((own_home / "hush").stat().st_mode) == 0o600
    assert [path.name for path in own_home.iterdir()] == ["hush"]


def test_a_folder_that_cannot_be_made_is_refused_in_a_sentence(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("FLAGSTAND_HOME", str(tmp_path / "file" / "home"))

    with pytest.raises(home.NotOurs, match="cannot be made"):
        home.folder()


@pytest.mark.skipif(os.geteuid() == 0, reason="Nothing is closed to root.")
def test_the_folder_of_somebody_else_is_refused_in_a_sentence(monkeypatch):
    monkeypatch.setenv("FLAGSTAND_HOME", "/")

    with pytest.raises(home.NotOurs, match="belongs to somebody else"):
        home.folder()
