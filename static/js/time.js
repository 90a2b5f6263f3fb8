// The server's clock in the browser, and every clock on the page ticking by it. Says what dashboards/wording.py says.

import { meta } from "./net.js";

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;

let ahead = 0;
let closest = Infinity;

/** The time over there, in milliseconds. */
export function now() {
    return Date.now() + ahead;
}

/** The server said its time; the quicker the answer came, the more it is believed. */
export function heard(iso, took = Infinity) {
    if (took > closest) return;
    closest = took;
    ahead = Date.parse(iso) + (Number.isFinite(took) ? took / 2 : 0) - Date.now();
    tick();
}

export function length(seconds) {
    if (seconds < MINUTE) return `${seconds} s`;
    if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min`;
    if (seconds < DAY) {
        const minutes = String(Math.floor((seconds % HOUR) / MINUTE)).padStart(2, "0");
        return `${Math.floor(seconds / HOUR)} h ${minutes}`;
    }
    const days = Math.floor(seconds / DAY);
    const hours = Math.floor((seconds % DAY) / HOUR);
    return hours && days < 10 ? `${days} d ${hours} h` : `${days} d`;
}

export function words(due, warn, at) {
    const left = (due - at) / 1000;
    if (left <= 0) return { text: `${length(Math.floor(-left))} over`, mood: "over" };
    return { text: `${length(Math.floor(left))} left`, mood: warn && warn <= at ? "soon" : "fine" };
}

export function tick() {
    const at = now();
    for (const clock of document.querySelectorAll("[data-due]")) {
        const { text, mood } = words(Date.parse(clock.dataset.due), Date.parse(clock.dataset.warn), at);
        if (clock.textContent !== text) clock.textContent = text;
        const name = `clock clock--${mood}`;
        if (clock.className !== name) clock.className = name;
    }
}

/** Just after each full second over there. */
function beat() {
    if (!document.hidden) tick();
    setTimeout(beat, 1000 - (now() % 1000) + 4);
}

export function start() {
    const [shown] = performance.getEntriesByType("navigation");
    const rendered = Date.parse(meta("now"));
    if (rendered && shown) ahead = rendered - (performance.timeOrigin + shown.responseStart);
    document.addEventListener("visibilitychange", () => document.hidden || tick());
    tick();
    beat();
}
