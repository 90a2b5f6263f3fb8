// The row a person is at: j and k move it, and the preview beside the list follows.

import { act } from "./act.js";
import * as bulk from "./bulk.js";
import { open } from "./dialog.js";
import { on } from "./keys.js";
import { fragment } from "./net.js";
import * as rows from "./rows.js";
import { tick } from "./time.js";

const CALM = 70;

const turns = new Map();

let at = null;
let hand = false;
let timer;
let asking = null;
let empty;

/** Whether a person put the cursor there; the first row is only where it begins. */
export function byHand() {
    return hand;
}

export function current() {
    return at ? rows.row(at) : null;
}

function pane() {
    const frame = document.querySelector("[data-preview]");
    return frame?.offsetParent ? frame : null;
}

function put(row, { hold = true } = {}) {
    current()?.removeAttribute("aria-current");
    at = row?.dataset.case ?? null;
    hand = hold && row !== null;
    row?.setAttribute("aria-current", "true");
    preview();
}

function preview() {
    clearTimeout(timer);
    if (at && pane()) timer = setTimeout(draw, CALM);
}

async function draw() {
    const frame = pane();
    const wanted = at;
    if (!frame || !wanted) return;
    asking?.abort();
    asking = new AbortController();
    try {
        const made = await fragment(`/cases/${wanted}/preview/`, asking.signal);
        if (wanted !== at || frame.querySelector("details.menu[open]")) return;
        frame.innerHTML = made;
        tick();
    } catch {
        // The next move asks again.
    }
}

/** A case was repainted; its preview follows if it is the one shown. */
export function changed(id) {
    if (id === at) preview();
}

/** After the list was drawn anew: the same case if it is still there, else the first row. */
export function keep() {
    const row = current() ?? (pane() ? rows.all()[0] : null);
    if (!row) nothing();
    else if (row.getAttribute("aria-current") === null) put(row, { hold: hand && row.dataset.case === at });
}

function nothing() {
    at = null;
    hand = false;
    asking?.abort();
    pane()?.replaceChildren(empty.cloneNode(true));
}

function move(step) {
    return () => {
        const shown = rows.all();
        if (!shown.length) return;
        const here = current();
        const place = here && (hand || step < 0) ? shown.indexOf(here) + step : here ? shown.indexOf(here) : 0;
        const row = shown[Math.max(0, Math.min(shown.length - 1, place))];
        put(row);
        row.querySelector(".case__link").focus({ preventScroll: true });
        row.scrollIntoView({ block: "nearest" });
    };
}

/** What is pressed for one case is done in turn, each with the version that the one before it made. */
function inTurn(run) {
    const id = at;
    if (!current()) return;
    const turn = (turns.get(id) ?? Promise.resolve()).then(() => run(id));
    turns.set(id, turn);
    turn.finally(() => turns.get(id) === turn && turns.delete(id));
}

function press(verb) {
    return () => {
        if (bulk.selected().length && bulk.press(verb)) return;
        inTurn((id) => act(`/cases/${id}/do/${verb}/`, { version: rows.row(id)?.dataset.version ?? "" }));
    };
}

function askFor(verb) {
    return () => {
        if (verb === "assign" && bulk.selected().length) return bulk.chooseOwner();
        inTurn((id) => open(`/cases/${id}/do/${verb}/`));
    };
}

function clicked(event) {
    const row = event.target.closest("tr[data-case]");
    if (!row || event.target.closest("input, label, a, button")) return;
    if (!pane()) {
        location.assign(row.querySelector(".case__link").href);
        return;
    }
    put(row);
    row.querySelector(".case__link").focus({ preventScroll: true });
}

function actKeys() {
    on("x", () => {
        const box = current()?.querySelector("[name='case']");
        if (!box) return;
        hand = true;
        box.click();
    });
    on("a", press("acknowledge"));
    on("m", press("claim"));
    for (const [key, verb] of Object.entries({ i: "assign", c: "comment", w: "wait", r: "resolve" })) on(key, askFor(verb));
}

export function start() {
    empty = document.querySelector("[data-preview]").firstElementChild.cloneNode(true);
    on("j", move(1));
    on("k", move(-1));
    on("Enter", (event) => {
        if (event.target !== document.body || !current()) return false;
        location.assign(current().querySelector(".case__link").href);
    });
    on("Escape", () => {
        bulk.clear();
        hand = false;
        document.activeElement?.blur();
    });
    if (!document.querySelector("[data-reads]")) actKeys();
    document.addEventListener("click", clicked);
    document.addEventListener("dblclick", (event) => {
        const row = event.target.closest("tr[data-case]");
        if (row && !event.target.closest("input, label")) location.assign(row.querySelector(".case__link").href);
    });
    document.addEventListener("focusin", (event) => {
        const row = event.target.closest("tr[data-case]");
        if (row && row.dataset.case !== at && event.target.matches(".case__link:focus-visible")) put(row);
    });
    keep();
}
