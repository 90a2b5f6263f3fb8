"""Every setting, command and platform is in the README."""

import re

import pytest

from config.home import ROOT

README = (ROOT / "README.md").read_text()
READER = re.compile(
    r'env\.(?:text|flag|number|names|one_of|secret|keys|web_address)\(\s*"([A-Z_]+)"'
)
SETTINGS = {"FLAGSTAND_HOME", *READER.findall((ROOT / "config/settings.py").read_text())}
COMMANDS = {
    command.stem
    for package in ("config", "dashboards", "connectors", "exceptions_app")
    for command in (ROOT / package).glob("management/commands/[!_]*.py")
}
TARGETS = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
HEADINGS = ["Run it", "The tour", "Change it", "Operate it", "Decisions", "Changes"]


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_every_setting_is_explained(name):
    assert f"| `{name}` |" in README


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_is_explained(name):
    assert re.search(rf"`[^`]*\b{name}\b[^`]*`", README)


@pytest.mark.parametrize("name", sorted(TARGETS - {"help"}))
def test_every_make_target_is_explained(name):
    assert f"make {name}" in README


def test_the_sections_stand_in_their_order():
    assert re.findall(r"^## (.+)$", README, re.MULTILINE) == HEADINGS


def test_no_machine_and_no_registry_is_named():
    locks = (ROOT / "requirements.lock").read_text() + (ROOT / "bootstrap.lock").read_text()

    assert "://" not in locks
