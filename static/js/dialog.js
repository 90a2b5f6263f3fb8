// The one dialog: filled from the address that also works as a page.

import { emit, fragment } from "./net.js";
import { toast } from "./toasts.js";

const QUIET = 5000;

const kept = new Map();

let opener = null;
let address = "";
let pressed = null;

function box() {
    return document.getElementById("dialog");
}

export function isOpen() {
    return document.querySelector("dialog[open]") !== null;
}

export async function open(url) {
    if (isOpen()) return;
    [opener, address] = [document.activeElement, url];
    try {
        box().innerHTML = await drawn(url);
    } catch (problem) {
        toast(problem.message, { refused: true, action: problem.action });
        return;
    }
    if (isOpen()) return;
    box().showModal();
    emit("dialog", { box: box() });
    const first = box().querySelector("[autofocus], [role='combobox'], form input:not([type='hidden']), textarea, select");
    first?.focus();
}

/** Its field lets go at once: for a frame more it would take the next key for a letter. */
export function close() {
    box().close();
    if (box().contains(document.activeElement)) document.activeElement.blur();
}

/** Whether something is pressed beside the dialog; a message that lies there is not beside it. */
function beside({ target, clientX: x, clientY: y }) {
    const over = (one) => {
        const { left, right, top, bottom } = one.getBoundingClientRect();
        return left <= x && x <= right && top <= y && y <= bottom;
    };
    return target === box() && ![box(), ...document.querySelectorAll(".toast")].some(over);
}

/** As the server draws it; what can be begun without the desk, as it was kept. */
async function drawn(url) {
    try {
        return await fragment(url);
    } catch (problem) {
        if (problem.action || !kept.has(url)) throw problem;
        return kept.get(url);
    }
}

/** Fetched once the page has been quiet for a while; a form that was sent is not begun with again. */
async function keep() {
    const url = document.querySelector("[data-keep]")?.dataset.dialog;
    kept.delete(url);
    if (!url || document.hidden) return;
    try {
        kept.set(url, await fragment(url));
    } catch {
        // Then it cannot be begun without the desk; it says so.
    }
}

/** What opened the dialog, or what has taken its place meanwhile; for one in a menu that is closed, the menu. */
function whence() {
    const way = opener?.isConnected ? opener : document.querySelector(`[data-dialog="${CSS.escape(address)}"]`);
    return way?.checkVisibility() === false ? way.closest("details")?.querySelector("summary") : way;
}

export function start() {
    document.addEventListener("pointerdown", (event) => (pressed = event));
    document.addEventListener("click", (event) => {
        const link = event.target.closest("[data-dialog]");
        const plain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.button);
        if (link && plain) {
            event.preventDefault();
            link.closest("details")?.removeAttribute("open");
            open(link.dataset.dialog);
            return;
        }
        if (event.target.closest("[data-close]") && box().open) close();
        // A press that began inside and ends on nothing, such as a choice that is gone, was not meant for it.
        if (pressed && beside(pressed) && beside(event)) close();
    });
    box().addEventListener("close", () => {
        box().replaceChildren();
        whence()?.focus({ preventScroll: true });
    });
    box().addEventListener("desk:sent", (event) => {
        close();
        if (event.target.matches("[data-flag]")) keep();
    });
    setTimeout(keep, QUIET);
    document.querySelector("#keys").addEventListener("click", (event) => event.target.id === "keys" && event.target.close());
    for (const way of document.querySelectorAll("[data-open-keys]")) way.addEventListener("click", showKeys);
}

export function showKeys() {
    if (!isOpen()) document.getElementById("keys").showModal();
}
