"""Vendors' webhooks for administrators: the formats, the form, the address, and a sample sent over HTTP."""

import re
from html import unescape
from urllib.parse import urlsplit

import pytest
import responses
from cryptography.fernet import Fernet
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from connectors.listening import calls
from connectors.listening.samples import samples
from connectors.models import HookCall
from connectors.sources.registry import BY_SLUG, CATALOGUE
from exceptions_app.errors import Refused
from exceptions_app.models import Source, Subject
from exceptions_app.people.access import SYSTEM
from exceptions_app.sealed import LACKING
from exceptions_app.subjects import listening
from exceptions_app.vocabulary import Role
from tests.dashboards.reading import text
from tests.factories import SiteFactory, SourceFactory, UserFactory

pytestmark = pytest.mark.django_db
SECRET = "shpss_s3cr&t"
FILLED = {"name": "Web shop", "slug": "web-shop", "setting_secret": SECRET}


@pytest.fixture
def office(client):
    """An administrator's browser."""
    client.force_login(UserFactory(role=Role.ADMINISTRATOR))
    return client


@pytest.fixture
def shop(north):
    source = Source(
        format="shopify", name="Web shop", slug="web-shop", site=north, settings={"secret": SECRET}
    )
    return listening.keep(source, by=SYSTEM)


@pytest.fixture
def over_http(settings):
    """What we send to ourselves arrives at our own view."""
    settings.BASE_URL = "http://desk.example"

    def pass_on(request):
        headers = {f"HTTP_{k.upper().replace('-', '_')}": v for k, v in request.headers.items()}
        kind = request.headers["Content-Type"]
        path = urlsplit(request.url).path
        answer = Client().generic("POST", path, request.body, kind, **headers)
        return answer.status_code, {}, answer.content

    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.add_callback("POST", re.compile(r"http://desk\.example/in/.*"), callback=pass_on)
        yield mock


def test_every_format_is_offered(office):
    shown = text(office.get(reverse("source-formats")))

    assert all(each.name in shown and each.tells in shown for each in CATALOGUE)
    assert "Nobody calls the desk yet" in shown


@pytest.mark.parametrize("slug", BY_SLUG)
def test_the_form_asks_for_the_format_s_settings(office, slug):
    answer = office.get(reverse("source-connect", args=[slug]))
    asked = {name for name in answer.context["form"].fields if name.startswith("setting_")}

    assert asked == {f"setting_{each.name}" for each in BY_SLUG[slug].drawn}
    assert BY_SLUG[slug].setup[:40] in unescape(answer.content.decode())


def test_connecting_gives_an_address_and_seals_the_secret(office, north):
    answer = office.post(
        reverse("source-connect", args=["shopify"]), FILLED | {"site": north.pk}, follow=True
    )

    made = Source.objects.get()
    assert (made.format, made.site, made.settings["secret"]) == ("shopify", north, SECRET)
    assert f"/in/{made.token}/" in answer.content.decode()
    with database.cursor() as cursor:
        cursor.execute("SELECT settings FROM exceptions_app_source")
        assert SECRET not in cursor.fetchone()[0]


def test_a_source_that_is_there_already_can_be_connected(office, north):
    carrier = SourceFactory(slug="carrier", name="Carrier")

    address = f"{reverse('source-connect', args=['easypost'])}?source={carrier.pk}"
    office.post(
        address,
        {"name": "Carrier", "slug": "carrier", "site": north.pk}
        | {"setting_secret": "a long one of ours, at random", "setting_wait": 1},
    )

    assert Source.objects.get().format == "easypost"


def test_what_we_make_up_ourselves_is_made_once(office, north):
    where = {"site": north.pk}
    address = reverse("source-connect", args=["shipengine"])
    office.post(address, where | {"name": "Parcels", "slug": "parcels", "setting_wait": "1"})
    made = Source.objects.get()
    before = made.settings["ours"]

    office.post(
        reverse("source-settings", args=[made.pk]),
        where | {"name": "P", "slug": "p", "setting_wait": "2"},
    )

    made.refresh_from_db()
    assert before.startswith("-----BEGIN PRIVATE KEY")
    assert (made.name, made.settings["wait"], made.settings["ours"]) == ("P", 2, before)


def test_what_is_missing_is_said_beside_it(office):
    answer = office.post(reverse("source-connect", args=["shopify"]), {"name": "", "slug": "x"})

    assert answer.status_code == 422
    assert "Give it a name." in text(answer)
    assert "Choose the site: what this vendor sends names none of yours." in text(answer)
    assert not Source.objects.exists()


def test_a_short_name_is_taken_once(office, shop):
    answer = office.post(reverse("source-connect", args=["stripe"]), FILLED | {"name": "Other"})

    assert answer.status_code == 422
    assert "Another source has this short name. Choose a different one." in text(answer)
    assert "lug already exists" not in text(answer)


def test_who_may_not_connect_a_source_is_told_who_may(client, ana):
    client.force_login(ana)

    shown = text(client.get(reverse("source-formats")))

    assert "Only an administrator of every site connects sources." in shown


def test_settings_keep_a_secret_that_is_not_typed_again(office, shop):
    address = reverse("source-settings", args=[shop.pk])

    shown = office.get(address).content.decode()
    office.post(
        address, {"name": "Shop", "slug": "web-shop", "site": shop.site_id, "setting_gold": "vip"}
    )

    shop.refresh_from_db()
    assert SECRET not in shown
    assert shop.settings == {"secret": SECRET, "gold": "vip"}


def test_a_source_whose_secrets_cannot_be_opened_says_so_and_believes_nobody(
    office, shop, settings
):
    keys, settings.FLAGSTAND_KEYS = settings.FLAGSTAND_KEYS, [Fernet.generate_key().decode()]
    given = {"name": "Shop", "slug": "shop", "site": shop.site.pk, "setting_promise": ""}

    answer = Client().post(f"/in/{shop.token}/", b"{}", "application/json")
    shown = [
        text(office.get(reverse(f"source-{at}", args=[shop.pk]))) for at in ("address", "settings")
    ]
    half = office.post(reverse("source-settings", args=[shop.pk]), given | {"setting_gold": "VIP"})
    saved = office.post(reverse("source-settings", args=[shop.pk]), given)

    settings.FLAGSTAND_KEYS = keys
    shop.refresh_from_db()
    assert (answer.status_code, "Send it again later." in answer.content.decode()) == (503, True)
    assert all(LACKING in page for page in shown)
    assert (half.status_code, "secret is missing" in text(half)) == (422, True)
    assert (saved.status_code, shop.name, shop.settings) == (302, "Shop", {"secret": SECRET})


@pytest.mark.parametrize("slug", BY_SLUG)
def test_a_sample_goes_round_over_http_and_says_what_became_of_it(office, over_http, slug, north):
    form = BY_SLUG[slug]
    given = {each.name: each.sample() for each in form.config.schema() if each.required}
    settings = given | {name: make() for name, make in form.makes.items()}
    source = listening.keep(
        Source(format=slug, name=slug, slug=slug, site=north, settings=settings), by=SYSTEM
    )

    answer = office.post(
        reverse("source-sample", args=[source.pk]),
        {"sample": samples(slug)[0].name},
        headers={"HX-Request": "true"},
    )

    assert "answered 202" in text(answer)
    assert HookCall.objects.get().outcome in text(answer)
    assert not any(
        secret in answer.content.decode() for secret in form.config.read(settings).secrets()
    )
    assert source.token not in answer.content.decode()


def test_each_sample_is_another_event(office, over_http, shop):
    for _ in range(2):
        office.post(reverse("source-sample", args=[shop.pk]), {"sample": "delivered"})

    assert Subject.objects.filter(reference__startswith="SAMPLE-").count() == 2


def test_without_a_script_the_sample_is_shown_on_the_page(office, over_http, shop):
    answer = office.post(reverse("source-sample", args=[shop.pk]), {"sample": "placed"})

    assert "Proven and stored; answered 202." in text(answer)
    assert "How to connect" in text(answer)


def test_a_sample_that_cannot_be_sent_says_so(office, shop, settings):
    settings.BASE_URL = "http://127.0.0.1:9"

    answer = office.post(reverse("source-sample", args=[shop.pk]), {"sample": "placed"})

    assert "No connection with 127.0.0.1" in text(answer)


def test_there_is_no_sample_of_that_name(office, shop):
    answer = office.post(reverse("source-sample", args=[shop.pk]), {"sample": "nonsense"})

    assert answer.status_code == 404


def test_refused_calls_are_counted_where_one_looks(office, shop, client):
    Client().post(f"/in/{shop.token}/", b"{}", "application/json")

    shown = text(office.get(reverse("source-address", args=[shop.pk])))

    assert "1 refused in a day" in shown
    assert "The signature is missing." in shown
    assert "1 refused" in text(office.get(reverse("source-formats")))


def test_a_new_address_ends_the_old_one(office, shop):
    before = shop.token

    office.post(reverse("source-renew", args=[shop.pk]))

    shop.refresh_from_db()
    assert shop.token != before
    assert Client().post(f"/in/{before}/", b"{}", "application/json").status_code == 404


def test_a_source_without_a_format_is_given_one_first(office):
    plain = SourceFactory(name="Carrier")

    answer = office.get(reverse("source-address", args=[plain.pk]), follow=True)

    assert "Connect Carrier" in text(answer)
    assert (
        f"{reverse('source-connect', args=['easypost'])}?source={plain.pk}"
        in answer.content.decode()
    )


def test_only_administrators_are_offered_it(office, shop, ana):
    offered = office.get(reverse("source", args=[shop.pk])).content.decode()
    office.force_login(ana)

    assert reverse("source-address", args=[shop.pk]) in offered
    for name, args in (("source", [shop.pk]), ("sources", [])):
        shown = office.get(reverse(name, args=args)).content.decode()
        assert "/address/" not in shown
        assert reverse("source-formats") not in shown


def test_a_format_that_is_gone_is_said_to_be(office, shop):
    Source.objects.update(format="gone")

    assert office.get(reverse("source-address", args=[shop.pk])).status_code == 404
    assert "gone" in text(office.get(reverse("source-formats")))
    assert Client().post(f"/in/{shop.token}/", b"{}", "application/json").status_code == 404


def test_the_list_takes_the_same_queries_however_long_it_is(office, shop):
    office.get(reverse("source-formats"))
    with CaptureQueriesContext(database) as few:
        office.get(reverse("source-formats"))
    for number in range(10):
        more = Source(format="stripe", name=f"S{number}", slug=f"s{number}", site=SiteFactory())
        listening.keep(more, by=SYSTEM)

    with CaptureQueriesContext(database) as many:
        office.get(reverse("source-formats"))

    assert len(many) == len(few)


def test_calls_lead_to_what_they_were_about_in_three_queries(office, over_http, shop):
    for name in ("delivered", "cancelled", "product"):
        office.post(reverse("source-sample", args=[shop.pk]), {"sample": name})

    with CaptureQueriesContext(database) as queries:
        rows = calls.newest(shop)

    about = {row.outcome: row.subject_id for row in rows}
    assert set(about.values()) == {None, *Subject.objects.values_list("pk", flat=True)}
    assert len(queries) == 3


@pytest.mark.parametrize("slug", BY_SLUG)
def test_a_vendor_that_names_no_site_of_ours_needs_one(office, slug):
    asked = office.get(reverse("source-connect", args=[slug])).context["form"].fields["site"]

    assert asked.required is (slug not in ("standardwebhooks", "cloudevents", "mapped"))
    assert asked.empty_label == ("Choose a site" if asked.required else "As each signal says")


def test_a_sample_of_which_nothing_was_stored_is_not_done(office, over_http, shop):
    Source.objects.update(site=None)

    answer = office.post(reverse("source-sample", args=[shop.pk]), {"sample": "placed"})

    shown = text(answer)
    assert "Proven, but nothing of it was stored." in shown
    assert "Proven and stored" not in shown
    assert [one.mood for one in calls.newest(shop)] == ["dead"]
    assert "refused in a day" in shown
    assert "subject.site: The source has no site of its own" in shown
    assert f"{reverse('refused-signals')}?source=web-shop" in answer.content.decode()


def test_it_can_be_connected_before_its_vendor_shows_the_secret(office, north):
    given = {"name": "Pay", "slug": "pay", "site": north.pk}

    shown = text(office.post(reverse("source-connect", args=["stripe"]), given, follow=True))
    made = Source.objects.get()
    answer = Client().post(f"/in/{made.token}/", b"{}", "application/json")
    office.post(
        reverse("source-settings", args=[made.pk]), given | {"setting_secret": "whsec_theirs"}
    )

    assert "then put in the signing secret that you get there" in shown
    assert "every call is refused with 401" in shown
    assert (answer.status_code, answer.content) == (
        401,
        b"Signing secret: it is not put in yet.\n",
    )
    made.refresh_from_db()
    assert made.settings == {"secret": "whsec_theirs"}
    assert "not put in yet" in text(office.get(reverse("source-address", args=[made.pk])))


def test_every_call_of_which_anything_was_refused_is_counted_and_leads_to_it(
    office, over_http, shop
):
    Source.objects.update(site=None)
    office.post(reverse("source-sample", args=[shop.pk]), {"sample": "placed"})
    Client().post(f"/in/{shop.token}/", b"{}", "application/json")

    assert calls.counted([shop.pk], timezone.now())[shop.pk] == calls.Counts(2, 0, 2)


@pytest.mark.parametrize(
    ("slug", "weak", "strong"),
    [
        ("standardwebhooks", "hunter2", "whsec_Zm9yIHRoZSBzYWtlIG9mIGFuIGV4YW1wbGU="),
        ("standardwebhooks", "whsec_c2hvcnQ=", "whsec_Zm9yIHRoZSBzYWtlIG9mIGFuIGV4YW1wbGU="),
        ("cloudevents", "abc", "a-token-of-24-characters"),
        ("cloudevents", "a" * 30, "a-token-of-24-characters"),
    ],
)
def test_a_secret_of_our_own_choice_must_be_a_strong_one(slug, weak, strong):
    config = BY_SLUG[slug].config

    with pytest.raises(Refused, match="“Generate” makes one"):
        config.settled({"secret": weak}, {})

    assert config.settled({"secret": strong}, {})["secret"] == strong
    assert config.settled({}, {"secret": weak})["secret"] == weak


def test_it_can_be_generated_where_it_is_ours_to_choose(office):
    ours = office.get(reverse("source-connect", args=["standardwebhooks"])).content.decode()
    theirs = office.get(reverse("source-connect", args=["stripe"])).content.decode()

    assert 'data-generate="id_setting_secret"' in ours
    assert "data-generate" not in theirs
