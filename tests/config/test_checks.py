"""What is refused once other people are served."""

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
    ],
)
def test_each_unsafe_setting_is_refused(production, name, value, number):
    setattr(production, name, value)

    assert [told.id for told in production_is_safe()] == [f"flagstand.{number}"]


def test_the_demo_may_be_what_it_is(production):
    production.SERVES_OTHERS = False
    production.HTTPS = False
    production.EMBEDDED = True

    assert production_is_safe() == []
