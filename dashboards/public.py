"""What public pages share: the language and words, times as people say them, links nobody guesses."""

import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format
from django.utils.translation.trans_real import parse_accept_lang_header

from exceptions_app.models import Site

FILE = Path(__file__).with_name("public_words.toml")
USUAL = "en"
SIGNER = Signer(salt="status", sep=".")


@cache
def languages() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def language_of(request: HttpRequest) -> str:
    """The one chosen on the page, else the first of the browser's that we speak."""
    chosen = request.POST.get("lang", "")
    return chosen if chosen in languages() else language_of_address(request)


def language_of_address(request: HttpRequest) -> str:
    """The same without reading what was posted."""
    chosen = request.GET.get("lang", "")
    if chosen in languages():
        return chosen
    wanted = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    known = (code.partition("-")[0] for code, _ in wanted)
    return next((code for code in known if code in languages()), USUAL)


def context(site: Site | None, language: str) -> dict[str, Any]:
    """What every public page is drawn from."""
    return {
        "site": site,
        "language": language,
        "words": languages()[language],
        "languages": [(code, one["language"]) for code, one in languages().items()],
    }


def told_at(at: datetime, zone: str, language: str, *, whole_day: bool = False) -> str:
    """An instant as the language writes it, on the clock of the site; a promised day has no hour."""
    local = at.astimezone(ZoneInfo(zone))
    with translation.override(language):
        day = f"{date_format(local, 'l')}, {date_format(local, 'DATE_FORMAT')}"
    last_minute = (local.hour, local.minute) == (23, 59)
    return day if whole_day and last_minute else f"{day}, {local:%H:%M}"


def status_url(subject_id: int) -> str:
    """The customer's page of a subject; only who was given the link has it."""
    token = SIGNER.sign(str(subject_id))
    return f"{settings.BASE_URL}{reverse('public-status', args=[token])}"


def subject_of(token: str) -> int | None:
    try:
        return int(SIGNER.unsign(token))
    except (BadSignature, ValueError):
        return None


def sender(request: HttpRequest) -> str:
    """Where it came from, as a hash that nobody can turn back; a household's IPv6 network is one sender."""
    given = str(request.META.get("REMOTE_ADDR", ""))
    try:
        address = ip_address(given)
    except ValueError:
        return salted_hmac("complaint-sender", given).hexdigest()[:32]
    network = address.packed[:8] if isinstance(address, IPv6Address) else address.packed
    return salted_hmac("complaint-sender", network).hexdigest()[:32]


def ink_on(colour: str) -> str:
    """Black or white, whichever is easier to read on the colour."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in parts
    )
    light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#000000" if (light + 0.05) ** 2 > 0.0525 else "#ffffff"
