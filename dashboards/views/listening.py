"""Vendors' webhooks, for administrators: the formats, giving a source an address, and trying it (I2)."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from connectors.listening import calls
from connectors.listening.door import address
from connectors.listening.forms import SourceForm
from connectors.listening.samples import samples
from connectors.listening.sampling import Sampled, send_sample
from connectors.sources.registry import BY_SLUG, CATALOGUE
from dashboards.actor import actor
from dashboards.answers import wants_fragment, whole_number
from dashboards.forms import blame
from dashboards.guarding import only_for
from dashboards.viewing import viewer
from exceptions_app.errors import Refused
from exceptions_app.models import Source
from exceptions_app.sealed import unreadable
from exceptions_app.subjects import listening
from exceptions_app.vocabulary import Doubt

#: For administrators of every site.
configuring = only_for(listening.insist_connects)


@configuring
@require_GET
def formats(request: HttpRequest) -> HttpResponse:
    """Whose webhooks can be taken, and which sources they are sent to."""
    context = {
        "rows": calls.listening(viewer(request).now, by=actor(request)),
        "formats": sorted(CATALOGUE, key=lambda one: one.name.lower()),
        "source": chosen(request),
    }
    return render(request, "dashboards/listening.html", context)


def chosen(request: HttpRequest) -> Source | None:
    """A source that is there already, and is to listen from now on."""
    pk = whole_number(request.GET.get("source", ""))
    return get_object_or_404(Source, pk=pk, format="") if pk else None


@configuring
@require_http_methods(["GET", "POST"])
def connect(request: HttpRequest, slug: str) -> HttpResponse:
    """Give a source an address for this vendor's webhooks."""
    if slug not in BY_SLUG:
        raise Http404("There is no such format.")
    name = BY_SLUG[slug].name
    source = chosen(request) or unproven(name, viewer(request).now)
    source.format = slug
    form = SourceForm(request.POST or None, instance=source)
    if request.method == "POST" and kept(request, form):
        messages.success(request, next_step(source))
        return redirect("source-address", source.pk)
    return drawn(request, form, f"Connect {name}")


def next_step(source: Source) -> str:
    lacking = BY_SLUG[source.format].lacks(source.settings)
    then = f", then put in the {lacking.lower()} that you get there" if lacking else ""
    return f"{source.name} listens. Enter its address over there{then}."


def unproven(name: str, at: datetime) -> Source:
    """A new source; nothing goes out for what it says until a manager has looked at that."""
    slug = free_slug(slugify(name))
    return Source(name=name, slug=slug, quarantined_at=at, doubt=Doubt.NEW)


def free_slug(name: str) -> str:
    """The vendor's own, unless a source has it."""
    taken = set(Source.objects.filter(slug__startswith=name).values_list("slug", flat=True))
    numbered = (f"{name}-{number}" for number in range(2, len(taken) + 3))
    return next(one for one in (name, *numbered) if one not in taken)


@configuring
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, source_id: int) -> HttpResponse:
    """Change its names, site or settings; secrets stay unless new ones are typed."""
    source = whole(request, source_id)
    title = f"{source.name}: settings"
    form = SourceForm(request.POST or None, instance=source)
    if request.method == "POST" and kept(request, form):
        messages.success(request, f"{source.name} is saved.")
        return redirect("source-address", source.pk)
    return drawn(request, form, title)


def whole(request: HttpRequest, source_id: int) -> Source:
    found = listening.whole(source_id, by=actor(request))
    if found.format not in BY_SLUG:
        raise Http404(f"There is no format {found.format} any more.")
    return found


def kept(request: HttpRequest, form: SourceForm) -> bool:
    """Whether it could be saved; what is wrong is said beside its field."""
    if not form.is_valid():
        return False
    try:
        listening.keep(form.instance, by=actor(request))
    except Refused as refusal:
        blame(form, refusal)
        return False
    return True


def drawn(request: HttpRequest, form: SourceForm, title: str) -> HttpResponse:
    """The form; what was typed stays, except secrets."""
    source = form.instance
    context = {"form": form, "title": title, "format": BY_SLUG[source.format], "source": source}
    return render(request, "dashboards/listen.html", context, status=422 if form.is_bound else 200)


@configuring
@require_GET
def source_address(request: HttpRequest, source_id: int) -> HttpResponse:
    """Where its vendor calls, how to say so over there, and what was sent; or first of all, which vendor."""
    if Source.objects.filter(pk=source_id, format="").exists():
        return redirect(f"{reverse('source-formats')}?source={source_id}")
    return shown(request, whole(request, source_id))


def shown(
    request: HttpRequest, source: Source, sampled: Sampled | None = None, asked: str = ""
) -> HttpResponse:
    context: dict[str, Any] = {
        "source": source,
        "format": BY_SLUG[source.format],
        "address": address(source),
        "samples": samples(source.format),
        "asked": asked,
        "sampled": sampled,
        "lacking": BY_SLUG[source.format].lacks(source.settings),
        "unreadable": unreadable(source.settings),
        "calls": calls.newest(source),
        "counts": counts_of(request, source),
    }
    return render(request, "dashboards/source_address.html", context)


def counts_of(request: HttpRequest, source: Source) -> calls.Counts:
    return calls.counted([source.pk], viewer(request).now)[source.pk]


@configuring
@require_POST
def sample(request: HttpRequest, source_id: int) -> HttpResponse:
    """Send it a sample over HTTP, and show what became of it."""
    source, asked = whole(request, source_id), request.POST.get("sample", "")
    try:
        sampled = send_sample(source, asked, viewer(request).now)
    except Refused as refusal:
        raise Http404(str(refusal)) from refusal
    if wants_fragment(request):
        context = {
            "sampled": sampled,
            "calls": calls.newest(source),
            "counts": counts_of(request, source),
            "source": source,
        }
        return render(request, "dashboards/_sampled.html", context)
    return shown(request, source, sampled, asked)


@configuring
@require_POST
def renew(request: HttpRequest, source_id: int) -> HttpResponse:
    """Another address; the old one is gone at once."""
    source = listening.new_address(source_id, by=actor(request))
    messages.success(request, f"{source.name} has a new address. The old one is gone.")
    return redirect("source-address", source.pk)
