// The flag form: what it is about, what is open about that already, and a draft that survives.

import { overSelect, overServer } from "./combo.js";
import { fragment, hear, meta, mine, recalled } from "./net.js";

const DRAFT = mine("flag");
const KEPT = ["key", "title", "exception_type", "severity", "reference", "subject", "description"];

function later(run, after) {
    let timer;
    return () => {
        clearTimeout(timer);
        timer = setTimeout(run, after);
    };
}

function keep(form) {
    // The field that is left as the dialog closes tells of its change only then.
    if (form.dataset.sent) return;
    const data = new FormData(form);
    const draft = Object.fromEntries(KEPT.map((name) => [name, data.get(name) ?? ""]));
    const { reference } = form.elements;
    const about = reference.value !== reference.defaultValue && reference.value;
    if (draft.title || draft.description || about) localStorage.setItem(DRAFT, JSON.stringify(draft));
    else localStorage.removeItem(DRAFT);
}

function restore(form) {
    const draft = recalled(DRAFT);
    if (!draft || form.elements.title.value) return;
    const about = form.elements.subject.value;
    for (const name of KEPT) {
        if (about && (name === "subject" || name === "reference")) continue;
        const field = form.elements[name];
        if (field && draft[name]) field.value = draft[name];
    }
}

/** Only the teams of the chosen site. */
function narrowTeams(form) {
    const { site, team } = form.elements;
    const show = () => {
        const name = site.selectedOptions[0]?.text ?? "";
        for (const option of team.options) {
            option.dataset.whole ??= option.text;
            const here = !option.value || option.dataset.whole.startsWith(`${name} · `);
            option.hidden = option.disabled = !here;
            if (option.value) option.text = option.dataset.whole.slice(name.length + 3);
        }
        if (team.selectedOptions[0]?.disabled) team.value = "";
    };
    site.addEventListener("change", show);
    show();
}

function lookForSimilar(form) {
    const place = form.querySelector("[data-similar]");
    let asking = null;
    const look = async () => {
        asking?.abort();
        asking = new AbortController();
        const { title, reference, subject, site } = form.elements;
        const query = new URLSearchParams({ title: title.value, reference: reference.value, subject: subject.value, site: site.value });
        try {
            const found = await fragment(`${place.dataset.similar}?${query}`, asking.signal);
            if (place.innerHTML.trim() !== found.trim()) place.innerHTML = found;
        } catch {
            // Suggestions help; without them flagging goes on.
        }
    };
    const soon = later(look, 200);
    for (const name of ["title", "reference"]) form.elements[name].addEventListener("input", soon);
    form.elements.site.addEventListener("change", soon);
    form.addEventListener("desk:look", soon);
    if (form.elements.title.value || form.elements.reference.value) soon();
}

/** What the text looks like; pressed, it is the type. */
function suggestType(form) {
    const place = form.querySelector("[data-suggested]");
    let asking = null;
    const look = async () => {
        asking?.abort();
        asking = new AbortController();
        const { title, description, reference, site } = form.elements;
        const body = new URLSearchParams({ title: title.value, description: description.value, reference: reference.value, site: site.value });
        try {
            const headers = { "HX-Request": "true", "X-CSRFToken": meta("csrf") };
            const answer = await fetch(place.dataset.suggested, { method: "POST", body, headers, signal: asking.signal });
            place.innerHTML = answer.ok && !answer.redirected ? await answer.text() : "";
        } catch {
            // Suggestions help; without them flagging goes on.
        }
    };
    const soon = later(look, 400);
    for (const name of ["title", "description"]) form.elements[name].addEventListener("input", soon);
    place.addEventListener("click", (event) => {
        const taken = event.target.closest("[data-take-type]");
        if (!taken) return;
        form.elements.exception_type.value = taken.dataset.takeType;
        form.elements.exception_type.dispatchEvent(new Event("change", { bubbles: true }));
        place.replaceChildren();
    });
}

function chooseSubject(form) {
    const frame = form.querySelector("[data-subjects]");
    const hint = form.querySelector("[data-about]");
    const usual = "Leave empty if none.";
    const { reference, subject, site } = form.elements;
    overServer(frame, frame.dataset.subjects, (option) => {
        reference.value = option.dataset.text;
        subject.value = option.dataset.value;
        hint.textContent = option.dataset.hint;
        if ([...site.options].some((one) => one.value === option.dataset.site)) {
            site.value = option.dataset.site;
            site.dispatchEvent(new Event("change"));
        }
        form.dispatchEvent(new Event("desk:look"));
        keep(form);
    });
    reference.addEventListener("input", () => {
        subject.value = "";
        hint.textContent = usual;
    });
}

function begin(form) {
    if (form.dataset.begun) return;
    form.dataset.begun = "yes";
    restore(form);
    chooseSubject(form);
    narrowTeams(form);
    overSelect(form.elements.exception_type);
    lookForSimilar(form);
    suggestType(form);
    form.addEventListener("input", later(() => keep(form), 150));
    form.addEventListener("change", () => keep(form));
    form.addEventListener("desk:sent", (event) => {
        form.dataset.sent = "yes";
        localStorage.removeItem(DRAFT);
        if (!form.closest("dialog")) location.assign(event.detail.url);
    });
}

export function start() {
    const here = document.querySelector("form[data-flag]");
    if (here) begin(here);
    hear("dialog", ({ box }) => {
        const form = box.querySelector("form[data-flag]");
        if (form) begin(form);
        const owner = box.querySelector("select[name='to']");
        if (owner) overSelect(owner);
    });
}
