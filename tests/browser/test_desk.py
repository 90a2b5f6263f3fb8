"""The desk as two people use it, in a real browser."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from exceptions_app.cases.lifecycle import Seen, acknowledge
from exceptions_app.intake.accept import accept
from exceptions_app.models import Case, Delivery, Entry
from exceptions_app.people.access import SYSTEM
from tests.intake.stories import about

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def no_shows(*references):
    now = timezone.now()
    accept([about(reference, "no_show", now) for reference in references], by=SYSTEM, at=now)


def live(page):
    expect(page.get_by_text("live", exact=True).first).to_be_visible()


def test_a_problem_flagged_here_is_seen_there_and_worked_by_keyboard_alone(sign_in):
    with sign_in("ana") as here, sign_in("marek") as there:
        live(there)

        here.keyboard.press("f")
        here.get_by_label("What is wrong").fill("Wrong tyres on the Golf")
        here.keyboard.press("Control+Enter")

        row = there.locator("tr.case", has_text="Wrong tyres on the Golf")
        expect(row).to_be_visible()
        case = Case.objects.get()
        work_by_keyboard(there, case)
    case = Case.objects.get()
    assert (case.status, case.assignee.username, case.cause) == ("resolved", "marek", "supplier")
    assert (
        Entry.objects.filter(case=case, verb="case.commented").get().data["text"]
        == "Called the workshop"
    )
    told = (
        Delivery.objects.filter(case=case).order_by("position").values_list("operation", flat=True)
    )
    assert list(told)[:2] == ["create", "update"]


def test_a_comment_begun_is_there_again_and_what_cannot_be_taken_back_says_so(sign_in):
    no_shows("J-1")
    with sign_in("ana") as page:
        page.goto(f"{page.url.split('/board')[0]}/cases/{Case.objects.get().pk}/")
        page.get_by_label("Comment", exact=True).fill("Called the")
        page.reload()
        expect(page.get_by_label("Comment", exact=True)).to_have_value("Called the")
        page.get_by_label("Comment", exact=True).press("Control+Enter")
        expect(page.locator("[data-entry]", has_text="Called the")).to_be_visible()
        page.reload()
        expect(page.get_by_label("Comment", exact=True)).to_have_value("")

        page.keyboard.press("z")

        expect(page.get_by_text("There is nothing to take back.")).to_be_visible()


def test_offline_nothing_is_sent_and_that_is_said_once(sign_in):
    no_shows("J-1")
    with sign_in("ana") as page:
        page.goto(page.url.replace("/board/", f"/cases/{Case.objects.get().pk}/"))
        live(page)
        page.context.set_offline(True)
        page.get_by_text("showing what was known then").locator("visible=true").first.wait_for()
        page.get_by_label("Comment", exact=True).fill("Called the workshop")
        for _ in range(3):
            page.get_by_role("button", name="Comment").click()

        expect(page.locator(".toast")).to_have_text(
            ["You are offline; nothing was sent. What you typed is kept."]
        )

        page.context.set_offline(False)
        page.get_by_role("button", name="Comment").click()
        expect(page.locator("[data-entry]", has_text="Called the workshop")).to_have_count(1)
    assert Entry.objects.filter(verb="case.commented").count() == 1


def test_a_problem_can_be_written_down_offline_and_flagged_later(sign_in):
    with sign_in("ana") as page:
        with page.expect_response("**/flag/"):
            live(page)
        page.context.set_offline(True)
        page.keyboard.press("f")
        page.get_by_label("What is wrong").fill("Wrong tyres")
        page.keyboard.press("Control+Enter")
        expect(page.locator("dialog[open]").get_by_role("alert")).to_contain_text(
            "nothing was sent"
        )

        page.context.set_offline(False)
        page.keyboard.press("Control+Enter")
        expect(page.get_by_text("flagged.")).to_be_visible()
    assert Case.objects.get().title == "Wrong tyres"


def test_who_is_signed_out_is_shown_the_way_in_and_finds_what_they_typed(sign_in):
    no_shows("J-1")
    with sign_in("ana") as page:
        live(page)
        page.context.clear_cookies(name="sessionid")
        page.keyboard.press("j")
        page.keyboard.press("r")
        expect(page.get_by_text("You are signed out.")).to_be_visible()
        page.get_by_role("button", name="Sign in").click()
        sign_in_again(page)
        page.wait_for_url("**/board/**")

        page.goto(page.url.replace("/board/", f"/cases/{Case.objects.get().pk}/"))
        case = page.url
        page.context.clear_cookies(name="sessionid")
        page.get_by_label("Comment", exact=True).fill("Called the workshop")
        page.get_by_role("button", name="Comment").click()
        page.get_by_role("button", name="Sign in").click()
        sign_in_again(page)

        page.wait_for_url(case)
        expect(page.get_by_label("Comment", exact=True)).to_have_value("Called the workshop")


def sign_in_again(page, name="ana"):
    page.fill("[name=username]", name)
    page.fill("[name=password]", "harbour")
    page.keyboard.press("Enter")


def test_what_somebody_began_is_not_shown_to_who_signs_in_after_them(sign_in):
    no_shows("J-1")
    with sign_in("ana") as page:
        case = f"{page.url.split('/board')[0]}/cases/{Case.objects.get().pk}/"
        page.goto(case)
        comment = page.get_by_label("Comment", exact=True)
        comment.fill("Her mother called")
        for name, found in (("marek", ""), ("ana", "Her mother called")):
            page.context.clear_cookies(name="sessionid")
            page.goto(case)
            sign_in_again(page, name)
            page.wait_for_url(case)
            expect(comment).to_have_value(found)


def test_what_was_flagged_is_no_draft_any_more(sign_in):
    with sign_in("ana") as page:
        for typed in ("Wrong tyres", "Wrong rims"):
            page.keyboard.press("f")
            field = page.get_by_label("What is wrong")
            expect(field).to_have_value("")
            field.press_sequentially(typed)
            page.keyboard.press("Control+Enter")
            expect(page.locator("dialog[open]")).to_have_count(0)
            page.wait_for_timeout(300)

    assert Case.objects.count() == 2


def test_a_case_of_ones_own_is_there_at_once(sign_in):
    with sign_in("ana") as page:
        expect(page.get_by_text("Nothing is wrong right now")).to_be_visible()
        for typed in ("Wrong tyres", "Wrong rims"):
            page.keyboard.press("f")
            page.get_by_label("What is wrong").fill(typed)
            page.keyboard.press("Control+Enter")

            expect(page.locator("tr.case", has_text=typed)).to_be_visible(timeout=2_000)
        expect(page.get_by_text("Nothing is wrong right now")).to_have_count(0)
        expect(page.locator("[data-pill]")).to_be_hidden()


def test_keys_pressed_fast_after_each_other_are_all_done(sign_in):
    no_shows("J-1")
    case = Case.objects.get()
    with sign_in("ana") as page:
        live(page)
        page.keyboard.press("j")
        for key in ("a", "m", "r"):
            page.keyboard.press(key)

        page.get_by_label("Cause").wait_for()
        page.keyboard.type("supplier")
        page.keyboard.press("Control+Enter")

        expect(page.get_by_text(f"{case} resolved.")).to_be_visible()
        expect(page.locator(".toast--refused")).to_have_count(0)


def work_by_keyboard(page, case):
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.get_by_text(f"{case} acknowledged.")).to_be_visible()
    row = page.locator(f"#case-{case.pk}")
    expect(row).to_have_attribute("data-version", "2")
    page.keyboard.press("m")
    expect(row).to_have_attribute("data-version", "3")
    expect(page.locator(f"#case-{case.pk} .case__owner")).not_to_have_text("-")
    page.keyboard.press("c")
    page.locator("dialog[open] textarea").wait_for()
    page.keyboard.type("Called the workshop")
    page.keyboard.press("Control+Enter")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(row).to_have_attribute("data-version", "3")  # a comment makes nobody stale
    page.keyboard.press("r")
    page.get_by_label("Cause").wait_for()
    page.keyboard.type("supplier")
    page.keyboard.press("Control+Enter")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.get_by_text(f"{case} resolved.")).to_be_visible()


def test_what_changes_elsewhere_repaints_its_own_row(sign_in, people):
    no_shows("J-1", "J-2")
    with sign_in("ana") as here, sign_in("marek") as there:
        live(there)
        here.keyboard.press("j")
        here.keyboard.press("a")

        expect(there.get_by_text("acknowledged").first).to_be_visible()


def test_a_row_that_repaints_keeps_the_control_a_person_is_at(sign_in, people):
    no_shows("J-1")
    case = Case.objects.get()
    with sign_in("ana") as here:
        live(here)
        box = here.locator(f"#case-{case.pk} [name=case]")
        box.focus()

        acknowledge(Seen(case.pk), by=SYSTEM, at=timezone.now())

        expect(here.locator(f"#case-{case.pk}")).to_have_attribute("data-version", "2")
        expect(box).to_be_focused()


def test_a_case_opens_with_enter_and_shows_its_evidence_and_timeline(sign_in):
    no_shows("J-1")
    with sign_in("ana") as page:
        page.keyboard.press("j")
        page.keyboard.press("Enter")

        page.wait_for_url(re.compile(r"/cases/\d+/"))
        expect(page.get_by_role("heading", name="No show: J-1")).to_be_visible()
        expect(page.get_by_text("appointment.no_show").first).to_be_visible()


def test_the_buttons_of_a_case_follow_what_was_pressed_among_them(sign_in):
    """The pressed one keeps the focus, and must not keep the others from changing."""
    no_shows("J-1")
    with sign_in("ana") as page:
        page.goto(page.url.replace("/board/", f"/cases/{Case.objects.get().pk}/"))
        actions = page.locator('[data-part="actions"]')

        actions.get_by_role("button", name="Acknowledge").click()

        expect(actions.get_by_role("button", name="Acknowledge")).to_have_count(0)
        expect(actions.locator(":focus")).to_have_count(1)

        actions.get_by_role("button", name="Assign to me").press("Enter")
        expect(actions.get_by_role("button", name="Assign to me")).to_have_count(0)
        expect(actions.locator(":focus")).to_have_count(1)

        for width in (320, 360, 390):  # wherever the button comes to stand
            actions.get_by_label("More actions").press("Escape")
            page.set_viewport_size({"width": width, "height": 800})
            actions.get_by_label("More actions").press("Enter")
            expect(actions.locator(".menu__panel")).to_be_in_viewport(ratio=1)
        actions.get_by_role("button", name="Release").press("Enter")
        expect(actions.get_by_role("button", name="Assign to me")).to_be_visible()
        expect(actions.locator(":focus")).to_have_count(1)

        actions.get_by_role("link", name="Resolve").click()
        page.get_by_label("Cause").fill("Carrier late")
        page.keyboard.press("Control+Enter")

        expect(actions.get_by_text("Reopen")).to_be_visible()
        expect(actions.locator('[data-verb="resolve"]')).to_have_count(0)


def test_a_form_that_came_too_late_can_be_sent_all_the_same_and_loses_nothing(sign_in):
    no_shows("J-1")
    case = Case.objects.get()
    with sign_in("ana") as page:
        page.goto(page.url.replace("/board/", f"/cases/{case.pk}/"))
        page.keyboard.press("r")
        page.get_by_label("What was done").fill("Found him")
        page.locator("dialog[open]").get_by_label("Close").click()
        page.keyboard.press("r")
        expect(page.get_by_label("What was done")).to_have_value("Found him")
        page.get_by_label("Cause").fill("Carrier late")
        acknowledge(Seen(case.pk), by=SYSTEM, at=timezone.now())

        page.keyboard.press("Control+Enter")

        expect(page.locator("dialog[open]").get_by_role("alert")).to_contain_text("acknowledged")
        expect(page.locator(".toast--refused")).to_have_count(0)
        page.get_by_role("button", name="Do it all the same").click()
        expect(page.get_by_text(f"{case} resolved.")).to_be_visible()
    assert Entry.objects.get(case=case, verb="case.resolved").data["text"] == "Found him"


def test_a_message_over_a_dialog_does_not_close_it_and_what_lies_beside_it_does(sign_in):
    no_shows("J-1")
    with sign_in("ana") as page:
        page.keyboard.press("j")
        page.keyboard.press("m")
        page.locator(".toast").wait_for()
        lies = page.locator(".toast").bounding_box()
        page.keyboard.press("r")
        page.get_by_label("Cause").wait_for()

        page.mouse.click(lies["x"] + 9, lies["y"] + 9)
        expect(page.locator("dialog[open]")).to_have_count(1)
        page.mouse.click(9, 9)
        expect(page.locator("dialog[open]")).to_have_count(0)


def test_what_is_open_about_the_same_is_offered_within_a_phone(sign_in):
    no_shows("J-1")
    Case.objects.update(title="The technician has not come, and the customer waits at the gate")
    with sign_in("ana", viewport={"width": 390, "height": 700}, has_touch=True) as page:
        page.get_by_role("link", name="Flag", exact=True).tap()
        page.get_by_label("About").press_sequentially("J-1")
        page.locator("[data-subjects] [role=option]").wait_for()
        expect(page.get_by_text("Already open for this?")).to_be_visible()
        field = page.get_by_label("What is wrong").bounding_box()
        assert field["x"] + field["width"] <= 390, "nothing is cut off"

        page.locator("[data-subjects] [role=option]").tap()

        expect(page.locator("dialog[open]")).to_have_count(1)
        page.locator("dialog[open]").get_by_label("Close").tap()
        page.get_by_role("link", name="Flag", exact=True).tap()
        expect(page.get_by_label("About")).to_have_value("J-1")


def test_every_number_of_the_report_opens_its_cases(sign_in):
    no_shows("J-1", "J-2", "J-3")
    with sign_in("ana") as page:
        page.goto(page.url.replace("/board/", "/reports/"))
        assert page.evaluate("scrollY") == 0, "shown from its beginning"
        page.get_by_role("link", name="3", exact=True).first.click()

        page.wait_for_url("**/board/**")
        expect(page.locator("tr.case")).to_have_count(3)


def test_a_phone_shows_titles_and_the_button_but_no_keys(sign_in):
    with sign_in("ana", viewport={"width": 390, "height": 600}) as page:
        desk = page.url.replace("/board/", "")
        for path, title in (("board", "Board"), ("subjects", "Subjects"), ("deliveries", "Outbox")):
            page.goto(f"{desk}/{path}/")
            heading = page.get_by_role("heading", name=title, exact=True)
            expect(heading).to_have_css("clip-path", "none")
            expect(heading).to_be_in_viewport(ratio=1)

        page.get_by_role("link", name="Flag", exact=True).click()

        expect(page.get_by_role("button", name="Flag it")).to_be_in_viewport(ratio=1)
        expect(page.locator("dialog[open] kbd").first).to_be_hidden()
