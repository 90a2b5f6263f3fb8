"""A folder of one's own, with a server of one's own."""

import shutil
import tempfile
from pathlib import Path

import pytest

from config import embedded


@pytest.fixture
def own_home(monkeypatch):
    """Give a folder below /tmp, and not pytest's, which nobody but its owner may enter."""
    folder = Path(tempfile.mkdtemp(prefix="flagstand test "))
    folder.chmod(0o711)
    monkeypatch.setenv("FLAGSTAND_HOME", str(folder))
    for name in ("DATABASE_URL", "DATABASE_URL_FILE"):
        monkeypatch.delenv(name, raising=False)
    yield folder
    embedded.remove()
    shutil.rmtree(folder)
