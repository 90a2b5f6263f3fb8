"""What is refused once other people are served."""

from pathlib import Path

import pytest

from config.checks import production_is_safe

pytestmark = pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
SAFE = {
    "SERVES_OTHERS": True,
    "DEBUG": False,
    "ALLOWED_HOSTS": ["desk.example.com"],
    "HTTPS": True,
    "SECRET_KEY": "k9#Lw2!pQz7$Rt5%Xv8^Yb3&Nc6*Md1(Fg4)Hj0-Sa_PoIuYtReW",
    "EMBEDDED": False,
    "DATABASES": {"default": {"OPTIONS": {}}},
    "BASE_URL": "https://desk.example.com",
    "SANDBOX": False,
}


@pytest.fixture
def production(settings):
    for name, value in SAFE.items():
        setattr(settings, name, value)
    return settings


def test_a_safe_production_passes(production):
    assert production_is_safe() == []


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("DEBUG", True, "E001"),
        ("ALLOWED_HOSTS", ["*"], "E002"),
        ("HTTPS", False, "E003"),
        ("SECRET_KEY", "short", "E004"),
        ("SECRET_KEY", "a" * 60, "E004"),
        ("EMBEDDED", True, "E005"),
        ("DATABASES", {"default": {"OPTIONS": {"pool": True}}}, "E006"),
        ("STATIC_ROOT", Path("/nowhere"), "E007"),
        ("SANDBOX", True, "E008"),
        ("BASE_URL", "https://desc.example.com", "E009"),
        ("ALLOWED_HOSTS", ["desk.example.com", "https://desk.example.com"], "E010"),
        ("ALLOWED_HOSTS", ["desk.example.com", "desk.example.com:8000"], "E010"),
    ],
)
def test_each_unsafe_setting_is_refused(production, name, value, number):
    setattr(production, name, value)

    assert [told.id for told in production_is_safe()] == [f"flagstand.{number}"]


def test_where_static_files_are_collected_the_pages_have_them(production, tmp_path):
    (tmp_path / "staticfiles.json").touch()
    production.STATIC_ROOT = tmp_path

    assert production_is_safe() == []


@pytest.mark.parametrize("hosts", [["[2001:db8::7]"], [".example.com"], ["10.0.0.7"]])
def test_addresses_and_whole_domains_are_names_of_hosts(production, hosts):
    production.ALLOWED_HOSTS = hosts
    production.BASE_URL = f"https://{hosts[0].lstrip('.')}"

    assert production_is_safe() == []


def test_the_demo_may_be_what_it_is(production):
    production.SERVES_OTHERS = False
    production.HTTPS = False
    production.EMBEDDED = True

    assert production_is_safe() == []
