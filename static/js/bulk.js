// Many cases at once: select, do one thing to all, and see for each what came of it.

import { post } from "./net.js";
import * as rows from "./rows.js";
import { toast } from "./toasts.js";

let refresh = () => {};

export function selected() {
    return [...document.querySelectorAll("#bulk [name='case']:checked")];
}

function count() {
    const place = document.querySelector("[data-bulk-count]");
    if (place) place.textContent = String(selected().length);
}

export function clear() {
    for (const box of selected()) box.checked = false;
    count();
}

/** Press the bar's own button for a verb; whether it has one. */
export function press(verb) {
    const button = document.querySelector(`[data-bulk] [name="verb"][value="${verb}"]`);
    button?.form.requestSubmit(button);
    return Boolean(button);
}

export function chooseOwner() {
    document.getElementById("bulk-to").focus();
}

async function submitted(event) {
    if (event.target.id !== "bulk") return;
    event.preventDefault();
    let told;
    try {
        told = await post(event.target.action, new FormData(event.target, event.submitter));
    } catch (problem) {
        told = { ok: false, sentence: problem.message, done: [] };
    }
    const undone = (told.done ?? []).filter((one) => one.undo);
    const action = undone.length ? { label: "Undo", run: () => takeBack(undone) } : told.action;
    toast(told.sentence, { refused: !told.ok || told.done?.some((one) => !one.ok), action });
    for (const one of told.done ?? []) report(one);
    count();
    refresh((told.done ?? []).map((one) => one.case));
}

/** Each goes its own way back; what was changed by somebody else meanwhile stays, and says so. */
async function takeBack(done) {
    let back = 0;
    for (const { case: id, undo, version } of done) {
        let told;
        try {
            told = await post(undo.url, { ...undo.fields, version });
        } catch (problem) {
            told = { ok: false, sentence: problem.message };
        }
        if (told.ok) back += 1;
        else report({ case: id, ...told });
    }
    toast(`${back} of ${done.length} taken back.`, { refused: back < done.length });
    refresh(done.map((one) => one.case));
}

/** What came of one row, on the row; what was refused stays selected. */
function report({ case: id, ok, sentence }) {
    const row = rows.row(id);
    if (!row) return;
    row.querySelector("[name='case']").checked = !ok;
    row.querySelector(".case__note")?.remove();
    if (ok) return;
    const note = document.createElement("p");
    note.className = "case__note case__note--refused";
    note.textContent = sentence;
    row.querySelector(".case__what").append(note);
}

export function wire() {
    count();
    document.querySelector("[data-bulk-clear]")?.addEventListener("click", clear);
}

export function start(ask) {
    refresh = ask;
    document.addEventListener("submit", submitted);
    document.addEventListener("change", (event) => event.target.matches("#bulk [name='case']") && count());
}

