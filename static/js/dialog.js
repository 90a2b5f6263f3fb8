// The one dialog: filled from the address that also works as a page.

import { emit, fragment } from "./net.js";
import { toast } from "./toasts.js";

let opener = null;

function box() {
    return document.getElementById("dialog");
}

export function isOpen() {
    return document.querySelector("dialog[open]") !== null;
}

export async function open(url) {
    if (isOpen()) return;
    opener = document.activeElement;
    try {
        box().innerHTML = await fragment(url);
    } catch (problem) {
        toast(problem.message, { refused: true });
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

export function start() {
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
        if (event.target === box()) close();
    });
    box().addEventListener("close", () => {
        box().replaceChildren();
        opener?.focus?.({ preventScroll: true });
    });
    box().addEventListener("desk:sent", () => close());
    document.querySelector("#keys").addEventListener("click", (event) => event.target.id === "keys" && event.target.close());
    for (const way of document.querySelectorAll("[data-open-keys]")) way.addEventListener("click", showKeys);
}

export function showKeys() {
    if (!isOpen()) document.getElementById("keys").showModal();
}
