"""Where a person sees what arrived at a stand-in."""

from urllib.parse import quote, urlencode

from django.urls import reverse


def seen_at(platform: str, external_id: str) -> str:
    """The page names the record, since a browser keeps the anchor to itself and only the newest are shown."""
    asked = urlencode({"platform": platform, "record": external_id})
    return f"{reverse('sandbox')}?{asked}#{quote(external_id)}"
