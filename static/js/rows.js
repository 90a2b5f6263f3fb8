// The rows of the board as they stand in the page: repainting one in place, and putting them in order.

import { tick } from "./time.js";

export function list() {
    return document.getElementById("board");
}

export function body() {
    return document.querySelector("[data-rows]");
}

export function all() {
    return [...document.querySelectorAll("tr[data-case]")];
}

export function row(id) {
    return document.getElementById(`case-${id}`);
}

/** Whether a case of this rank stands before another in the present order. */
export function before(rank, other) {
    return list().hasAttribute("data-down") ? rank > other : rank < other;
}

function drawn(html) {
    const frame = document.createElement("template");
    frame.innerHTML = html;
    return frame.content.querySelector("tr");
}

export function fresh(told) {
    const made = drawn(told.html);
    sign(made, told);
    return made;
}

/** The version that the answer to an act tells, so that the next act need not wait for the row. */
export function know({ case: id, ok, version }) {
    const shown = row(id);
    if (!shown || !ok || !version) return;
    shown.dataset.version = version;
    shown.querySelector("[name='case']").value = `${id}:${version}`;
}

/** The row takes its new face; what a hand did to it (selection, focus, cursor) stays. */
export function repaint(old, told) {
    const made = drawn(told.html);
    // Read before the last act was done; a newer one is asked for already.
    if (Number(made.dataset.version) < Number(old.dataset.version)) return old;
    const focused = old.contains(document.activeElement) && document.activeElement;
    const box = made.querySelector("[name='case']");
    box.checked = old.querySelector("[name='case']").checked;
    if (old.getAttribute("aria-current")) made.setAttribute("aria-current", "true");
    const note = old.querySelector(".case__note");
    if (note && box.checked) made.querySelector(".case__what").append(note);
    if (!told.here) made.classList.add("case--gone");
    sign(made, told);
    old.replaceWith(made);
    if (focused) made.querySelector(focused.name === "case" ? "[name='case']" : ".case__link").focus({ preventScroll: true });
    return made;
}

/** Glow once, with the name of who changed it, if that was somebody else. */
function sign(made, told) {
    if (told.mine) return;
    made.classList.add("case--glow");
    const place = made.querySelector("[data-by]");
    place.textContent = told.by;
    setTimeout(() => {
        place.textContent = "";
        made.classList.remove("case--glow");
    }, 4000);
}

/** Whether the row stands where its rank says. */
export function inPlace(one) {
    const rows = all();
    const place = rows.indexOf(one);
    const above = rows[place - 1];
    const below = rows[place + 1];
    const rank = one.dataset.rank;
    return !(above && before(rank, above.dataset.rank)) && !(below && before(below.dataset.rank, rank));
}

/** Whether a case of this rank belongs among the rows loaded, rather than on a later page. */
export function belongs(rank) {
    const rows = all();
    if (!document.getElementById("more") || rows.length === 0) return true;
    return before(rank, rows.at(-1).dataset.rank);
}

/** Put everything where it belongs; the row a person is at stays where it is on the screen. */
export function arrange(added, gone, held) {
    const frame = scroller();
    const top = held?.getBoundingClientRect().top;
    for (const one of gone) one.remove();
    const sorted = [...all(), ...added].sort((a, b) => (before(a.dataset.rank, b.dataset.rank) ? -1 : 1));
    const more = document.getElementById("more");
    let next = more;
    for (const one of sorted.reverse()) {
        if (one.nextElementSibling !== next || one.parentElement !== body()) body().insertBefore(one, next);
        next = one;
    }
    if (held?.isConnected && frame.scrollTop > 0) frame.scrollTop += held.getBoundingClientRect().top - top;
    tick();
}

function scroller() {
    const inside = list();
    return getComputedStyle(inside).overflowY === "auto" ? inside : document.scrollingElement;
}
