// The case page keeps itself up to date: parts that changed are taken from the page as it is now.

import { hear, page } from "./net.js";
import { on } from "./keys.js";
import { open } from "./dialog.js";
import { say, toast } from "./toasts.js";
import { tick } from "./time.js";

let root;
let reading = false;
let again = false;

function id() {
    return Number(root.dataset.casePage);
}

/** Somebody types or chooses here, or has chosen and not sent it; a button that only has the focus may change. */
function busy(part) {
    const at = document.activeElement;
    if (part.querySelector("details.menu[open]")) return true;
    if (!part.contains(at)) return false;
    return at.matches("input, textarea, select, [contenteditable]") || [...(at.form?.elements ?? [])].some(changed);
}

function changed(field) {
    if (field.type === "hidden") return false;
    if (field.matches("select")) return [...field.options].some((one) => one.selected !== one.defaultSelected);
    return "checked" in field && field.matches("[type='radio'], [type='checkbox']")
        ? field.checked !== field.defaultChecked
        : "defaultValue" in field && field.value !== field.defaultValue;
}

function openDetails(part) {
    return [...part.querySelectorAll("details:not(.menu)")].map((one) => one.open);
}

/** The focus stays on the same verb or link, or else on what stands in its place, or the last there is. */
function swap(part, fresh) {
    const opened = openDetails(part);
    const at = part.contains(document.activeElement) && document.activeElement;
    const place = ways(part).indexOf(at);
    part.innerHTML = fresh.innerHTML;
    const left = ways(part);
    if (at) (left.find((one) => one === same(part, at)) ?? left[Math.max(place, 0)] ?? left.at(-1))?.focus({ preventScroll: true });
    part.querySelectorAll("details:not(.menu)").forEach((one, place) => (one.open = opened[place] ?? false));
}

/** What can be pressed here; a menu that is closed hides its own. */
function ways(part) {
    return [...part.querySelectorAll("a, button, summary")].filter((one) => one.checkVisibility());
}

function same(part, at) {
    if (at.dataset.verb) return part.querySelector(`[data-verb="${at.dataset.verb}"]`);
    return at.id ? part.querySelector(`#${at.id}`) : [...part.querySelectorAll(at.tagName)].find((one) => one.textContent === at.textContent);
}

function entries(part) {
    return new Set([...part.querySelectorAll("[data-entry]")].map((one) => one.dataset.entry));
}

async function refresh() {
    if (reading) {
        again = true;
        return;
    }
    reading = true;
    try {
        const now = await page(location.href);
        const whole = now.querySelector("[data-case-page]");
        if (!whole) return;
        root.dataset.version = whole.dataset.version;
        for (const part of root.querySelectorAll("[data-part]")) take(part, whole.querySelector(`[data-part="${part.dataset.part}"]`));
        tick();
    } catch {
        // The live line says when there is no connection; it catches up when it is back.
    } finally {
        reading = false;
        if (again) {
            again = false;
            refresh();
        }
    }
}

function take(part, fresh) {
    if (!fresh || part.dataset.shown === fresh.innerHTML) return;
    if (busy(part)) {
        part.addEventListener("focusout", () => setTimeout(refresh, 200), { once: true });
        return;
    }
    const known = part.dataset.part === "timeline" ? entries(part) : null;
    swap(part, fresh);
    part.dataset.shown = fresh.innerHTML;
    if (known) glow(part, known);
}

function glow(part, known) {
    const news = [...part.querySelectorAll("[data-entry]")].filter((one) => !known.has(one.dataset.entry));
    for (const one of news) one.classList.add("entry--fresh");
    if (news.length) say(news[0].querySelector("p").textContent.replace(/\s+/g, " ").trim());
}

/** Let go of what was pressed, so that its part can show what came of it. */
function leave(form) {
    form.querySelector("details[open]")?.removeAttribute("open");
    document.activeElement?.blur();
}

/** What was done here shows at once, also where it was done. */
function acted() {
    for (const menu of root.querySelectorAll('[data-part="actions"] details.menu[open]')) {
        if (menu.contains(document.activeElement)) menu.querySelector("summary").focus({ preventScroll: true });
        menu.removeAttribute("open");
    }
    refresh();
}

function press(verb) {
    const way = root.querySelector(`[data-part="actions"] [data-verb="${verb}"]`);
    if (!way) {
        toast(root.querySelector(`[data-off="${verb}"]`)?.dataset.why, { refused: true });
        return;
    }
    if (way.dataset.dialog) open(way.dataset.dialog);
    else way.closest("form").requestSubmit(way);
}

export function start() {
    root = document.querySelector("[data-case-page]");
    if (!root) return;
    hear("changed", ({ cases }) => cases.includes(id()) && refresh());
    hear("done", (told) => told.case === id() && acted());
    hear("resync", refresh);
    root.addEventListener("desk:sent", (event) => event.target.matches("[data-say]") && event.target.reset());
    root.addEventListener("desk:sent", (event) => event.target.matches("[data-sort]") && leave(event.target));
    for (const [key, verb] of Object.entries({ a: "acknowledge", m: "claim", i: "assign", w: "wait", r: "resolve" })) {
        on(key, () => press(verb));
    }
    on("c", () => document.getElementById("comment")?.focus());
}
