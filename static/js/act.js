// Doing something to a case: send it with the version that was seen, say what came of it, offer the way back.

import { emit, post } from "./net.js";
import { say, toast } from "./toasts.js";

export async function act(url, data, form = null) {
    let told;
    try {
        told = await post(url, data);
    } catch (problem) {
        told = { ok: false, sentence: problem.message };
    }
    if (told.ok) done(told);
    else refused(told, url, data, form);
    return told;
}

function done(told) {
    const undo = told.undo && {
        label: "Undo",
        run: () => act(told.undo.url, { ...told.undo.fields, version: told.version ?? "" }),
    };
    const look = told.url && { label: "Open", run: () => location.assign(told.url) };
    toast(told.sentence, { action: undo || look });
    emit("done", told);
}

function refused(told, url, data, form) {
    let { action = null } = told;
    if (told.code === "stale" && told.version) {
        const anew = form?.querySelector("[data-refusal]") ? () => sendFor(form, told.version) : () => act(url, again(data, told.version), form);
        action = { label: "Do it all the same", run: anew };
        emit("done", told);
    }
    if (form && showIn(form, told, action)) return;
    toast(told.sentence, { refused: true, action });
}

function again(data, version) {
    const fields = data instanceof FormData ? Object.fromEntries(data) : { ...data };
    return { ...fields, version };
}

/** Each reason beside its field, or all in one with what can be done; whether there was a place for them. */
function showIn(form, told, action) {
    clear(form);
    let first = null;
    for (const [name, reason] of Object.entries(told.fields ?? {})) {
        const place = form.querySelector(`[data-wrong="${name}"]`);
        if (!place) continue;
        place.textContent = reason;
        place.hidden = false;
        const field = place.parentElement.querySelector(`[name="${name}"], [role="combobox"], input, textarea`);
        field?.setAttribute("aria-invalid", "true");
        first ??= field;
    }
    if (first) {
        first.focus();
        say(told.sentence);
        return true;
    }
    const whole = form.querySelector("[data-refusal]");
    if (!whole) return false;
    whole.textContent = told.sentence;
    if (action) whole.append(" ", button(action));
    whole.hidden = false;
    whole.scrollIntoView({ block: "nearest" });
    return true;
}

/** The form as it is filled by now, for the version that was told of. */
function sendFor(form, version) {
    form.elements.version.value = version;
    form.requestSubmit();
}

function button({ label, run }) {
    const pressed = document.createElement("button");
    pressed.type = "button";
    pressed.className = "button button--small";
    pressed.textContent = label;
    pressed.addEventListener("click", run);
    return pressed;
}

function clear(form) {
    for (const place of form.querySelectorAll("[data-wrong], [data-refusal]")) place.hidden = true;
    for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
}

async function submitted(event) {
    const form = event.target;
    if (!form.matches("form[data-act]")) return;
    event.preventDefault();
    if (form.getAttribute("aria-busy") === "true") return;
    form.setAttribute("aria-busy", "true");
    const told = await act(form.action, new FormData(form, event.submitter), form);
    form.removeAttribute("aria-busy");
    if (!told.ok) return;
    form.dispatchEvent(new CustomEvent("desk:sent", { bubbles: true, detail: told }));
}

/** What is being mended is not wrong any more until it is sent again. */
function mended(event) {
    if (event.target.getAttribute?.("aria-invalid") !== "true") return;
    event.target.removeAttribute("aria-invalid");
    const place = event.target.closest(".field, fieldset")?.querySelector("[data-wrong]");
    if (place) place.hidden = true;
}

export function start() {
    document.addEventListener("submit", submitted);
    document.addEventListener("input", mended);
    document.addEventListener("keydown", (event) => {
        const form = event.target.closest?.("form[data-act]");
        if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
}
