"""Imports on their pages: a file chosen, its columns named, its rows tried, started, watched."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django_q.models import OrmQ

from exceptions_app import tasks
from exceptions_app.models import SavedMapping, Signal, Subject, TableImport
from exceptions_app.vocabulary import Role
from tests.factories import SourceFactory, TableImportFactory, UserFactory

CSV = """Order Number,Placed,Delivered at,Promised,Buyer,Total
A-1,05.01.2026 10:00,,10.01.2026 00:00,Ana,"1.234,50"
A-2,05.01.2026 11:00,06.01.2026 09:00,10.01.2026 00:00,Ben,7
A-3,soon,,10.01.2026 00:00,Cem,8
A-4,05.01.2026 12:00,,10.01.2026 00:00,Dee,=cmd
"""
COLUMNS = {
    "name": "Shop export",
    "zone": "Europe/Berlin",
    "time_format": "%d.%m.%Y %H:%M",
    "decimal": ",",
    "reference": "Order Number",
    "at_placed": "Placed",
    "at_delivered": "Delivered at",
    "promise_promised": "Promised",
    "end_of_day": "on",
    "customer_name": "Buyer",
    "subject_value": "Total",
}


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def person(north):
    return UserFactory(role=Role.INTEGRATOR, role__site=north)


@pytest.fixture
def page(person):
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def shop(north):
    return SourceFactory(slug="shop", name="Shop", site=north)


@pytest.fixture
def one(page, shop):
    """An uploaded file."""
    file = SimpleUploadedFile("export.csv", CSV.encode())
    answer = page.post(reverse("import-new"), {"file": file})
    assert answer.status_code == 302, answer.content
    return TableImport.objects.get()


def address(name, one):
    return reverse(name, args=[one.pk])


def mapped(page, one, shop, **changes):
    fields = COLUMNS | {"source": shop.pk} | changes
    return page.post(f"{address('import-columns', one)}?kind=order", fields)


def test_a_file_shows_its_first_rows_and_what_to_do_next(page, one):
    told = page.get(address("import", one)).content.decode()

    assert "6 columns" in told
    assert "Order Number" in told
    assert "Olist orders" in told


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.xlsx", b"a,b\n", "must end in .csv"),
        ("a.csv", "Größe\n1\n".encode("latin-1"), "not in UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_beside_its_field(page, shop, name, content, said):
    answer = page.post(reverse("import-new"), {"file": SimpleUploadedFile(name, content)})

    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_columns_are_guessed_from_their_names(page, one):
    told = page.get(f"{address('import-columns', one)}?kind=order").content.decode()

    assert '<option value="Placed" selected>Placed · 05.01.2026 10:00</option>' in told
    assert '<option value="Delivered at" selected>' in told
    assert '<option value="Order Number" selected>' in told


def test_a_mapping_made_by_choosing_columns_is_saved_and_tried_at_once(page, one, shop):
    answer = mapped(page, one, shop)

    saved = SavedMapping.objects.get()
    assert answer["Location"] == f"{address('import', one)}?mapping={saved.slug}"
    assert json.loads(saved.body)["signals"][0] == {
        "type": "order.placed",
        "occurred_at": "Placed",
        "needed": True,
        "subject": {"value": "Total", "customer": {"name": "Buyer"}},
        "promise": {"promised_at": {"column": "Promised", "end_of_day": True}},
    }
    told = page.get(answer["Location"]).content.decode()
    assert "Of the first 4 rows: 3 signals would be taken, 2 rows make" in told
    assert not Signal.objects.exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"at_placed": "", "at_delivered": ""}, "the time of at least one step"),
        ({"reference": ""}, "Choose the column that names the subject"),
        ({"name": "olist"}, "already"),
    ],
)
def test_columns_that_make_no_mapping_are_said(page, one, shop, changes, said):
    answer = mapped(page, one, shop, **changes)

    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_a_mapping_of_another_file_is_said_to_be_one(page, one):
    told = page.get(address("import", one), {"mapping": "olist"}).content.decode()

    assert "The file has no column" in told


def test_a_started_file_is_taken_in_by_a_worker_and_watched(page, one, shop, client):
    mapped(page, one, shop)
    slug = SavedMapping.objects.get().slug
    page.post(address("import-start", one), {"mapping": slug, "mode": "history"})
    assert OrmQ.objects.count() == 1
    running = page.get(address("import", one)).content.decode()
    assert 'hx-trigger="every 2s"' in running

    tasks.run_imports()

    told = page.get(address("import-progress", one)).content.decode()
    assert "done, 3 signals stored" in told
    assert "every 2s" not in told
    assert Subject.objects.get(reference="A-1").value == 1234.5
    assert Subject.objects.get(reference="A-1").imported
    assert "done" in page.get(reverse("imports")).content.decode()


def test_refused_rows_come_as_a_file_that_no_spreadsheet_runs(page, one, shop):
    mapped(page, one, shop)
    start = {"mapping": SavedMapping.objects.get().slug, "mode": "live"}
    page.post(address("import-start", one), start)
    tasks.run_imports()

    answer = page.get(address("import-errors", one))

    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert lines == [
        "Refused because,Order Number,Placed,Delivered at,Promised,Buyer,Total",
        "Placed: “soon” is no time; write one such as 28.02.2018 23:57 or 28.02.2018.,"
        "A-3,soon,,10.01.2026 00:00,Cem,8",
        '"Total: “=cmd” is no number; write one such as 1.234,56.",'
        "A-4,05.01.2026 12:00,,10.01.2026 00:00,Dee,'=cmd",
    ]
    assert 'filename="export.refused.csv"' in answer["Content-Disposition"]
    assert "Refused rows" in page.get(address("import", one)).content.decode()


@pytest.mark.parametrize("start", [{"mapping": "olist", "mode": "history"}, {"mode": "never"}])
def test_what_cannot_be_started_says_why(page, one, shop, start):
    mapped(page, one, shop)
    slug = SavedMapping.objects.get().slug

    answer = page.post(address("import-start", one), {"mapping": slug, **start}, follow=True)

    assert "toast--refused" in answer.content.decode()
    assert TableImport.objects.get().state == "uploaded"


def test_an_import_is_cancelled_once(page, one):
    first = page.post(address("import-cancel", one), follow=True).content.decode()
    second = page.post(address("import-cancel", one), follow=True).content.decode()

    assert "Cancelled" in first
    assert "ended already" in second


def test_a_deleted_file_says_so(page, person):
    gone = TableImportFactory(by=person)

    assert "Upload it again" in page.get(address("import", gone)).content.decode()
    assert page.get(f"{address('import-columns', gone)}?kind=order").status_code == 404


def test_a_list_costs_the_same_however_long_it_is(page, person, django_assert_max_num_queries):
    for _ in range(5):
        TableImportFactory(by=person)

    with django_assert_max_num_queries(8):
        page.get(reverse("imports"))


def test_old_files_are_forgotten_by_schedule(page, one):
    TableImport.objects.update(uploaded_at="2020-01-01T00:00:00Z")

    tasks.forget_imports()

    assert TableImport.objects.get().file == ""


def test_a_mapping_can_be_corrected_and_becomes_the_next_version(page, one, shop):
    tried = mapped(page, one, shop, time_format="")["Location"]
    told = page.get(tried).content.decode()
    change = f"{address('import-columns', one)}?kind=order&mapping=shop-export"
    form = page.get(change).context["form"]

    answer = page.post(change, COLUMNS | {"source": shop.pk, "seen": 1}, follow=True)

    assert "Start the import" not in told
    assert change.replace("&", "&amp;") in told
    assert {
        name: form[name].initial for name in COLUMNS if name not in ("end_of_day", "time_format")
    }
    assert all(
        form[name].initial == COLUMNS[name] for name in COLUMNS if name[:3] in ("at_", "sub")
    )
    assert "is saved as version 2" in answer.content.decode()
    assert "Start the import" in answer.content.decode()
    assert SavedMapping.objects.get().version == 2


def test_a_zone_that_is_not_chosen_is_that_of_the_source_s_site(page, one, shop, north):
    mapped(page, one, shop, zone="")

    assert SavedMapping.objects.get().zone == north.time_zone


def test_a_cancelled_import_goes_on_where_it_stood(page, one, shop):
    mapped(page, one, shop)
    start = {"mapping": SavedMapping.objects.get().slug, "mode": "live"}
    page.post(address("import-start", one), start)
    page.post(address("import-cancel", one))
    assert "Go on with it" in page.get(address("import", one)).content.decode()

    page.post(address("import-resume", one))
    tasks.run_imports()

    assert TableImport.objects.get().state == "done"
    assert Signal.objects.count() == 3


def test_a_day_alone_is_read_beside_times_of_the_same_kind(page, one, shop):
    mapped(page, one, shop)

    assert json.loads(SavedMapping.objects.get().body)["time_format"] == [
        "%d.%m.%Y %H:%M",
        "%d.%m.%Y",
    ]
