"""The real data beside the project, for tests only; where it is absent they are skipped."""

from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def shared(name: str) -> Path:
    path = DATA / name
    if not path.exists():
        pytest.skip(
            f"There is no {name} in ../shared/data; the check against real data is left out."
        )
    return path
