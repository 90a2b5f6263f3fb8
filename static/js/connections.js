// Connections: copying an address, and forms that are sent once.

import { toast } from "./toasts.js";

/** Settings that belong to a choice are shown with it; without this script all of them are there, and say so. */
function choose(form) {
    const choices = [...form.querySelectorAll("select")];
    const parts = [...form.querySelectorAll("[data-when]")];
    const show = () => {
        const chosen = choices.map((one) => one.value);
        for (const part of parts) part.hidden = !part.dataset.when.split(" or ").some((one) => chosen.includes(one));
    };
    if (!parts.length) return;
    form.addEventListener("change", show);
    show();
}

async function copy(button) {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    try {
        await navigator.clipboard.writeText(field.value);
        toast("Address copied.");
    } catch {
        toast("Press Ctrl C: the address is selected.");
    }
}

/**
 * A secret of 24 random bytes, shown until the form is sent: the other side needs it as well.
 * Of letters and digits alone, which every platform takes, in a header or an address.
 */
function generate(button) {
    const field = document.getElementById(button.dataset.generate);
    field.type = "text";
    do {
        const bytes = crypto.getRandomValues(new Uint8Array(24));
        field.value = `whsec_${btoa(String.fromCharCode(...bytes))}`;
    } while (/[+/]/.test(field.value));
    field.select();
    toast("Copy it now: it is not shown again once it is saved.");
}

/** A second press while the first is on its way changes nothing. */
function once(event) {
    const form = event.target;
    if (!form.matches("form[data-once]")) return;
    if (form.getAttribute("aria-busy") === "true") event.preventDefault();
    form.setAttribute("aria-busy", "true");
}

/** While the platform is asked the button stays where it is, and keeps the focus. */
function asking(event) {
    const form = event.target;
    if (form.matches?.("form[data-probe]")) form.setAttribute("aria-busy", String(event.type === "htmx:beforeRequest"));
}

function failed(event) {
    if (!event.target.matches("form[data-probe]")) return;
    toast("Not tested: the desk cannot be reached, or you are signed out. Reload the page.", { refused: true });
}

export function start() {
    for (const fresh of document.querySelectorAll("form[data-once]")) choose(fresh);
    for (const button of document.querySelectorAll("[data-copy]")) {
        button.hidden = false;
        button.addEventListener("click", () => copy(button));
    }
    for (const button of document.querySelectorAll("[data-generate]")) {
        button.hidden = false;
        button.addEventListener("click", () => generate(button));
    }
    document.addEventListener("submit", once);
    window.addEventListener("pageshow", () => {
        for (const kept of document.querySelectorAll("form[data-once][aria-busy]")) kept.removeAttribute("aria-busy");
    });
    for (const name of ["htmx:beforeRequest", "htmx:afterRequest"]) document.addEventListener(name, asking);
    for (const name of ["htmx:sendError", "htmx:responseError"]) document.addEventListener(name, failed);
}
