"""What customers see: the form, its receipt and their page; in their language, without script or account."""

import re
from datetime import timedelta
from errno import ENOSPC
from io import BytesIO

import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from dashboards import public
from dashboards.public_forms import stamp
from exceptions_app.cases import lifecycle
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.complaints.receiving import REFUSED_FROM
from exceptions_app.intake.accept import accept
from exceptions_app.models import Case, Complaint, ComplaintFile, Site, StatusVisit, Subject
from exceptions_app.people.access import SYSTEM
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.subjects.public import REPORTS, STEPS
from tests.dashboards.conftest import NOW
from tests.factories import HOUR, MINUTE, SourceFactory, SubjectFactory

JPEG = b"\xff\xd8\xff\xe0" + b"0" * 40
SCRIPT = '<script>alert("x")</script>'
LIMIT = 30 * 1024


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def visitor(north):
    """A browser without an account, which checks what browsers check."""
    return Client(enforce_csrf_checks=True)


def fields(**changes):
    return {
        "name": "Jürgen Weiß",
        "contact": "juergen@example.com",
        "reference": "O-1042",
        "text": "Mein Paket ist seit einer Woche überfällig.",
        "began": stamp(NOW - MINUTE),
        "website": "",
        "lang": "de",
    } | changes


def send(client, **changes):
    """Open the form, as a person does, and send it."""
    url = reverse("public-complain", args=["north"])
    token = client.get(url).cookies["csrftoken"].value
    return client.post(url, fields(**changes) | {"csrfmiddlewaretoken": token})


def test_a_complaint_by_the_form_gets_a_number_and_a_link(visitor):
    answer = send(visitor)

    kept = Complaint.objects.get()
    page = visitor.get(answer["Location"])
    assert kept.number in page.content.decode()
    assert "Eingegangen" in page.content.decode()
    assert kept.case == Case.objects.get()
    assert (kept.channel, kept.language, kept.email) == ("form", "de", "juergen@example.com")
    assert kept.sender
    assert "127.0.0.1" not in kept.sender


def test_the_receipt_says_how_far_it_is(visitor):
    page = send(visitor)["Location"]
    case = Case.objects.get()

    lifecycle.acknowledge(Seen(case.pk), by=SYSTEM, at=NOW)
    read = visitor.get(page).content.decode()
    lifecycle.resolve(Seen(case.pk), by=SYSTEM, at=NOW, cause="carrier")
    settled = visitor.get(page).content.decode()

    assert "Jemand kümmert sich darum." in read
    assert "Von unserer Seite erledigt." in settled
    assert "carrier" not in settled


def test_nobody_needs_a_session(visitor):
    send(visitor)

    assert "sessionid" not in visitor.cookies


def test_a_post_from_elsewhere_is_refused(visitor):
    answer = visitor.post(reverse("public-complain", args=["north"]), fields())

    assert answer.status_code == 403
    assert not Complaint.objects.exists()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"website": "http://buy.example"}, "a field that people do not see"),
        ({"began": stamp(NOW - timedelta(seconds=1))}, "written in 1 seconds"),
        ({"began": stamp(NOW - timedelta(days=5))}, "days before"),
        ({"began": ""}, "not sent with a form of ours"),
        ({"began": "forged:1:2"}, "not sent with a form of ours"),
        ({"text": "https://a.example https://b.example https://c.example"}, "carries 3 links"),
    ],
)
def test_what_looks_like_spam_waits_for_a_person_and_is_told_the_same(visitor, changes, why):
    answer = send(visitor, **changes)

    kept = Complaint.objects.get()
    assert why in kept.suspicion
    assert kept.number in visitor.get(answer["Location"]).content.decode()
    assert not Case.objects.exists()


def test_a_form_sent_twice_is_one_complaint(visitor):
    began = stamp(NOW - MINUTE)

    first, again = send(visitor, began=began), send(visitor, began=began)
    send(visitor, began=began, text="Und noch etwas anderes.")

    assert first["Location"] == again["Location"]
    assert Complaint.objects.count() == 2


def test_an_address_that_sends_and_sends_is_told_to_stop(visitor):
    for number in range(REFUSED_FROM):
        send(visitor, text=f"Nummer {number}")

    answer = send(visitor, text="Noch eine")

    assert answer.status_code == 429
    assert "viele Beschwerden" in answer.content.decode()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "Bitte füllen Sie das aus."),
        ({"text": " "}, "Bitte füllen Sie das aus."),
        ({"contact": "not@n"}, "Bitte geben Sie eine E-Mail-Adresse"),
        ({"contact": "12"}, "Bitte geben Sie eine E-Mail-Adresse"),
        ({"text": "x" * 5001}, "auf 5,000 Zeichen"),
    ],
)
def test_what_is_missing_is_said_beside_its_field_and_nothing_typed_is_lost(
    visitor, changes, sentence
):
    answer = send(visitor, **changes)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert 'value="O-1042"' in page
    assert not Complaint.objects.exists()


def test_nul_and_script_do_no_harm(visitor):
    answer = send(visitor, text=f"a\x00b {SCRIPT}")
    assert answer.status_code == 422

    page = visitor.get(send(visitor, text=SCRIPT, name=SCRIPT)["Location"]).content.decode()

    assert "<script" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("accepted", "chosen", "language"),
    [
        ("pt-BR,pt;q=0.9,en;q=0.8", "", "pt"),
        ("de-AT", "", "de"),
        ("fr,es;q=0.7", "", "es"),
        ("fr", "", "en"),
        ("", "", "en"),
        ("de", "es", "es"),
        ("de", "xx", "de"),
    ],
)
def test_the_page_speaks_the_visitors_language(visitor, accepted, chosen, language):
    url = reverse("public-complain", args=["north"])

    page = visitor.get(f"{url}?lang={chosen}", headers={"Accept-Language": accepted})

    assert f'<html lang="{language}">' in page.content.decode()
    assert page["Content-Language"] == language
    assert public.languages()[language]["form_title"] in page.content.decode()


def keys(words):
    return {
        f"{name}.{inner}" if inner else name
        for name, value in words.items()
        for inner in (value if isinstance(value, dict) else ("",))
    }


@pytest.mark.parametrize("language", ["es", "de", "pt"])
def test_nothing_is_left_untranslated(language):
    assert keys(public.languages()[language]) == keys(public.languages()["en"])


def test_every_step_and_report_that_is_told_has_words():
    words = public.languages()["en"]

    for kind, names in STEPS.items():
        assert set(names) <= set(words["steps"]) & set(JOURNEYS[kind].milestones)
        assert set(REPORTS[kind]) <= set(words["reports"]) & set(JOURNEYS[kind].reports)
        assert kind in words["kinds"]


def test_a_page_weighs_little_and_runs_no_script(visitor):
    page = visitor.get(reverse("public-complain", args=["north"]))

    styles = [
        (public.FILE.parent.parent / "static/css" / name).stat().st_size
        for name in ("tokens.css", "public.css")
    ]
    assert len(page.content) + sum(styles) < LIMIT
    assert b"<script" not in page.content
    assert b"style=" not in page.content


@pytest.mark.parametrize(
    ("colour", "ink"), [("#123456", "#ffffff"), ("#ffe100", "#000000"), ("#808080", "#000000")]
)
def test_the_page_has_the_sites_colour_and_legible_words_on_it(visitor, north, colour, ink):
    Site.objects.update(colour=colour)

    page = visitor.get(reverse("public-complain", args=["north"])).content.decode()
    css = visitor.get(reverse("public-colour", args=["north"]))

    assert reverse("public-colour", args=["north"]) in page
    assert css.content.decode() == f":root{{--site:{colour};--on-site:{ink}}}\n"
    assert css["Content-Type"].startswith("text/css")


def test_a_site_that_is_not_there_has_no_form(visitor):
    assert visitor.get("/complain/nowhere/").status_code == 404
    assert visitor.get("/complain/nowhere/colour.css").status_code == 404


# --- Files -----------------------------------------------------------------------------------


def picture(name="door.jpg", content=JPEG):
    return SimpleUploadedFile(name, content)


def test_pictures_come_along_and_only_the_desk_sees_them(visitor, desk, files):
    send(visitor, files=[picture('../../a"b.jpg'), picture("b.pdf", b"%PDF-1.7 ...")])

    one, other = ComplaintFile.objects.order_by("media_type")
    url = reverse("complaint-file", args=[other.pk])
    answer = desk.get(url)
    assert [one.media_type, other.media_type] == ["application/pdf", "image/jpeg"]
    assert answer.content == JPEG
    assert answer["Content-Disposition"].startswith("attachment;")
    assert "a'b.jpg" in answer["Content-Disposition"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert visitor.get(url).status_code == 302
    stored = str(other.file.name)
    assert default_storage.path(stored).startswith(str(files))
    assert ".jpg" not in stored


def test_files_of_another_site_are_not_found(visitor, client, stranger):
    send(visitor, files=[picture()])
    client.force_login(stranger)

    url = reverse("complaint-file", args=[ComplaintFile.objects.get().pk])

    assert client.get(url).status_code == 404


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ([picture(content=b"<html><script>")], "Bitte wählen Sie nur Fotos"),
        ([picture(content=b"RIFF0000WAVE")], "Bitte wählen Sie nur Fotos"),
        ([picture(content=b"")], "Bitte wählen Sie nur Fotos"),
        ([picture(content=JPEG + bytes(5 * 1024 * 1024))], "größer als 5 MB"),
        ([picture() for _ in range(4)], "höchstens 3 Dateien"),
    ],
    ids=["a page", "a sound", "nothing", "too large", "too many"],
)
def test_other_files_are_refused_with_a_reason(visitor, sent, sentence):
    answer = send(visitor, files=sent)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Complaint.objects.exists()


def test_where_there_is_no_room_for_files_it_can_be_sent_without_them(visitor, monkeypatch):
    def full(*_):
        raise OSError(ENOSPC, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", full)

    answer = send(visitor, files=[picture()])

    assert answer.status_code == 422
    assert "Bitte senden Sie es ohne sie" in answer.content.decode()
    assert not Complaint.objects.exists()


def test_a_post_that_is_far_too_large_is_not_even_read(visitor):
    class Unread(BytesIO):
        def read(self, *_):
            raise AssertionError("It was read.")

    answer = visitor.generic(
        "POST",
        reverse("public-complain", args=["north"]),
        b"",
        content_type="multipart/form-data; boundary=x",
        **{"CONTENT_LENGTH": str(40 * 1024 * 1024), "wsgi.input": Unread()},
    )

    assert answer.status_code == 413


# --- The customer's page ---------------------------------------------------------------------


@pytest.fixture
def order(north):
    """Shipped, and promised for tomorrow instead of today."""
    SourceFactory(slug="shop", site=north)
    about = {"reference": "O-1042", "customer": {"name": "J. Weiß", "email": "juergen@example.com"}}

    def said(number, word, at, **more):
        return {
            "source": "shop",
            "external_id": f"o-{number}",
            "type": f"order.{word}",
            "occurred_at": at.isoformat(),
            "subject": about,
            **more,
        }

    accept(
        [
            said(1, "placed", NOW - 30 * HOUR, promise={"promised_at": (NOW + HOUR).isoformat()}),
            said(2, "shipped", NOW - 4 * HOUR, note="Gate 7, careless driver"),
            said(
                3,
                "updated",
                NOW - 3 * HOUR,
                promise={
                    "promised_at": (NOW + 26 * HOUR).isoformat(),
                    "reason": "Subcontractor Hinz is overbooked",
                },
            ),
        ],
        by=SYSTEM,
        at=NOW,
    )
    return Subject.objects.get(reference="O-1042")


def test_a_customer_sees_what_was_promised_what_happened_and_what_comes_next(visitor, order):
    page = visitor.get(f"{public.status_url(order.pk)}?lang=de").content.decode()

    assert "Bestellung" in page
    assert "O-1042" in page
    assert "Dem Paketdienst übergeben" in page
    assert "Mittwoch, 11. März 2026, 16:00" in page
    assert "vorher Dienstag, 10. März 2026, 15:00" in page
    assert re.search(r"step--next.*Zugestellt", page, re.DOTALL)


def test_nothing_internal_is_on_it(visitor, order):
    Case.objects.update(title="Secret case title")

    page = visitor.get(public.status_url(order.pk)).content.decode()

    for internal in ("careless", "Hinz", "overbooked", "Weiß", "juergen", "EX-", "Secret"):
        assert internal not in page


def test_late_is_said_plainly(visitor, order):
    Subject.objects.update(promised_at=NOW - HOUR)
    order.promises.update(promised_at=NOW - HOUR)

    page = visitor.get(public.status_url(order.pk), headers={"Accept-Language": "pt"})

    assert "Mais tarde do que prometido" in page.content.decode()


@pytest.mark.parametrize("language", ["en", "es", "de", "pt"])
@pytest.mark.parametrize("kind", list(STEPS))
def test_every_kind_has_a_page_in_every_language(visitor, north, kind, language):
    subject = SubjectFactory(site=north, kind=kind, promised_at=NOW + HOUR)

    page = visitor.get(f"{public.status_url(subject.pk)}?lang={language}")

    assert page.status_code == 200
    assert public.languages()[language]["kinds"][kind] in page.content.decode()


def test_a_link_cannot_be_guessed(visitor, order):
    token = public.status_url(order.pk).rstrip("/").rpartition("/")[2]
    number, _, signature = token.partition(".")

    for guess in (number, f"{number}.", f"{int(number) + 1}.{signature}", "1.x", "x"):
        answer = visitor.get(reverse("public-status", args=[guess]))
        assert answer.status_code == 404
    assert visitor.get(reverse("public-received", args=["x" * 40])).status_code == 404


@pytest.mark.parametrize("kind", ["stock", "lead_task"])
def test_what_no_customer_has_is_on_no_page(visitor, north, kind):
    subject = SubjectFactory(site=north, kind=kind)

    assert visitor.get(public.status_url(subject.pk)).status_code == 404


def test_a_visit_is_counted_once_however_often_the_page_is_loaded(visitor, order, desk):
    for _ in range(3):
        visitor.get(public.status_url(order.pk))
    desk.get(public.status_url(order.pk))

    assert StatusVisit.objects.count() == 1


def test_addresses_of_customers_go_nowhere_else(visitor, order):
    page = visitor.get(public.status_url(order.pk))

    assert page["Referrer-Policy"] == "same-origin"
    assert page["Cache-Control"] == "no-store"
    assert page["X-Robots-Tag"] == "noindex"


def test_who_names_their_order_is_led_to_its_page(visitor, order):
    theirs = visitor.get(send(visitor)["Location"]).content.decode()
    a_stranger = visitor.get(send(visitor, contact="x@example.com")["Location"]).content.decode()

    assert public.status_url(order.pk) in theirs
    assert "/status/" not in a_stranger


def test_another_language_keeps_what_was_typed(visitor):
    answer = send(visitor, other="es")

    page = answer.content.decode()
    assert (answer.status_code, answer["Content-Language"]) == (200, "es")
    assert 'value="O-1042"' in page
    assert "Mein Paket ist seit einer Woche" in page
    assert 'role="alert"' not in page
    assert not Complaint.objects.exists()


def test_what_should_have_been_by_now_was_expected(visitor, order):
    Subject.objects.update(promised_at=NOW - HOUR)
    order.promises.update(promised_at=NOW - HOUR)
    order.milestones.filter(actual_at=None).delete()
    order.milestones.create(name="delivered", expected_at=NOW - HOUR, reported_at=NOW - HOUR)

    page = visitor.get(f"{public.status_url(order.pk)}?lang=en").content.decode()

    assert "was expected " in page
