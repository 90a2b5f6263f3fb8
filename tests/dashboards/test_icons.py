"""Every icon that a template names is one that there is; a wrong name shows only when its branch is drawn."""

import re

import lucide
import pytest

from config.home import ROOT

NAMED = sorted(
    {
        name
        for path in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r'{% (?:icon|lucide) "([^"]+)"', path.read_text())
    }
)


@pytest.mark.parametrize("name", NAMED)
def test_an_icon_exists(name):
    assert "<svg" in lucide._render_icon(name, 16)
