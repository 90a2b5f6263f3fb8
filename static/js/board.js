// The board: nothing moves under the hand. Changed rows repaint in place; new and moved ones wait for a quiet moment.

import * as bulk from "./bulk.js";
import * as cursor from "./cursor.js";
import { isOpen } from "./dialog.js";
import { on } from "./keys.js";
import { hear, json, page } from "./net.js";
import * as rows from "./rows.js";
import { tick } from "./time.js";
import { say } from "./toasts.js";

const SOON = 40;
const HIDDEN = 2000;
const QUIET = 4000;
const RECOUNT = 2000;
const AT_ONCE = 200;
const MINUTE = 60000;
const PAGE = 50;

const dirty = new Set();
const fresh = new Map();
const own = new Set();
let stale = false;
let reading = false;
let timer;
let counted = 0;
let recount;
let touched = 0;

/** Changed cases are asked for together, one request at a time. */
function ask(ids) {
    for (const id of ids) dirty.add(String(id));
    clearTimeout(timer);
    if (!reading && dirty.size) timer = setTimeout(read, document.hidden ? HIDDEN : SOON);
}

async function read() {
    const ids = [...dirty].slice(0, AT_ONCE);
    for (const id of ids) dirty.delete(id);
    reading = true;
    try {
        const query = new URLSearchParams(rows.list().dataset.query);
        query.set("ids", ids.join(","));
        const due = Date.now() - counted > RECOUNT;
        if (due) query.set("tabs", "1");
        const told = await json(`/board/rows/?${query}`);
        if (due) recounted(told);
        else recount ??= setTimeout(() => ask([ids[0]]), RECOUNT);
        for (const id of ids) heard(id, told.rows[id]);
    } catch {
        for (const id of ids) dirty.add(id);
        await new Promise((wait) => setTimeout(wait, QUIET));
    } finally {
        reading = false;
        settle();
        ask([]);
    }
}

function recounted(told) {
    counted = Date.now();
    clearTimeout(recount);
    recount = undefined;
    if (told.tabs) {
        const frame = document.getElementById("tabs"), shifted = frame.firstElementChild.scrollLeft;
        frame.innerHTML = told.tabs;
        frame.firstElementChild.scrollLeft = shifted;
    }
    const total = document.querySelector("[data-total]");
    if (total) total.textContent = told.total;
}

/** One case as it is now. */
function heard(id, told) {
    const shown = rows.row(id);
    if (!shown) {
        if (told?.here && rows.belongs(told.rank)) fresh.set(id, told);
        else forget(id);
        return;
    }
    if (!told) {
        shown.classList.add("case--gone");
        return;
    }
    rows.repaint(shown, told);
    tick();
    cursor.changed(id);
}

function forget(id) {
    fresh.delete(id);
    own.delete(id);
}

function waiting() {
    const shown = rows.all();
    return {
        added: [...fresh.values()],
        gone: shown.filter((one) => one.classList.contains("case--gone")),
        moved: shown.filter((one) => !one.classList.contains("case--gone") && !rows.inPlace(one)),
    };
}

function idle() {
    const quiet = Date.now() - touched > QUIET;
    return quiet && !cursor.byHand() && !bulk.selected().length && !isOpen() && !document.querySelector("details[open]");
}

function settle() {
    const { added, gone, moved } = waiting();
    if (!added.length && !gone.length && !moved.length && !stale) return pill("");
    if (idle() || [...own].some((id) => fresh.has(id))) return show();
    const parts = [];
    if (added.length) parts.push(`${added.length} new`);
    if (moved.length) parts.push(`${moved.length} moved`);
    if (gone.length) parts.push(`${gone.length} left`);
    const newest = added.at(-1);
    const named = newest ? `: ${newest.number} ${newest.title}` : "";
    pill(stale ? "Much has changed: show the list as it is now" : parts.join(", ") + named);
}

function pill(words) {
    const button = document.querySelector("[data-pill]");
    if (!button) return;
    button.hidden = !words;
    const place = button.querySelector("[data-pill-words]");
    if (place.textContent === words) return;
    place.textContent = words;
    if (words) say(words);
}

/** Bring in what waits. */
async function show() {
    if (stale || !rows.body()) {
        stale = false;
        await reload();
        return;
    }
    const { added, gone } = waiting();
    fresh.clear();
    own.clear();
    const held = cursor.current() ?? undefined;
    rows.arrange(added.map(rows.fresh), gone, held);
    guard();
    pill("");
    if (!rows.all().length) await reload();
    else cursor.keep();
}

/** For a moment after rows have moved a press on them does nothing: it was meant for another. */
function guard() {
    const frame = rows.body();
    frame.inert = document.activeElement && frame.contains(document.activeElement) ? false : true;
    setTimeout(() => (frame.inert = false), 250);
}

/** The list as the server draws it now, under another address if one is given. */
export async function reload(url = location.href, signal = undefined) {
    const now = await page(url, signal);
    const made = now.getElementById("board");
    if (!made) return;
    fresh.clear();
    rows.list().replaceWith(made);
    window.htmx?.process(made);
    wire();
    tick();
    cursor.keep();
}

function searching() {
    const field = document.getElementById("search");
    let wait;
    let asking = null;
    field.form.addEventListener("submit", (event) => {
        event.preventDefault();
        clearTimeout(wait);
        look();
        rows.all()[0]?.querySelector(".case__link").focus();
    });
    field.addEventListener("input", () => {
        clearTimeout(wait);
        wait = setTimeout(look, 140);
    });
    const look = async () => {
        const query = new URLSearchParams(rows.list().dataset.query);
        query.delete("q");
        if (field.value.trim()) query.set("q", field.value.trim());
        const url = `/board/${query.size ? `?${query}` : ""}`;
        asking?.abort();
        asking = new AbortController();
        try {
            await reload(url, asking.signal);
            history.replaceState(null, "", url);
        } catch {
            // A newer word is being looked for, or there is no connection; the line says so.
        }
    };
}

/** Time alone brings cases into "due within" and out of it; a list nobody is at follows once a minute. */
function renew() {
    if (!document.hidden && idle() && rows.all().length <= PAGE) reload().catch(() => {});
}

function wire() {
    document.querySelector("[data-pill]")?.addEventListener("click", () => {
        touched = 0;
        show();
    });
    bulk.wire();
}

function touch() {
    touched = Date.now();
}

export function start() {
    if (!document.querySelector("[data-board]")) return;
    for (const name of ["pointermove", "pointerdown", "wheel", "keydown", "touchstart"]) {
        addEventListener(name, touch, { passive: true });
    }
    cursor.start();
    bulk.start(ask);
    wire();
    searching();
    on("n", show);
    hear("changed", ({ cases }) => ask(cases));
    hear("done", (told) => {
        if (!told.case) return;
        rows.know(told);
        if (told.url) own.add(String(told.case));
        ask([told.case]);
        settle();
    });
    hear("resync", () => {
        stale = true;
        settle();
    });
    setInterval(settle, 1000);
    setInterval(renew, MINUTE);
    document.addEventListener("visibilitychange", () => document.hidden || ask([]));
}
