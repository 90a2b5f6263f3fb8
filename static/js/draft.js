// What was begun to be written about a case stays until it is sent or taken out, however the page is left.

import { hear } from "./net.js";

function begin(form) {
    const { text, shared } = form.elements;
    const name = `flagstand.draft.${new URL(form.action).pathname}`;
    const keep = () => {
        if (text.value.trim()) localStorage.setItem(name, JSON.stringify({ text: text.value, shared: shared.checked }));
        else localStorage.removeItem(name);
    };
    const draft = JSON.parse(localStorage.getItem(name) ?? "null");
    if (draft && !text.value) [text.value, shared.checked] = [draft.text, draft.shared];
    form.addEventListener("input", keep);
    form.addEventListener("desk:sent", () => localStorage.removeItem(name));
}

function beginIn(place) {
    for (const form of place.querySelectorAll("form[action$='/do/comment/']")) if (form.elements.text) begin(form);
}

export function start() {
    beginIn(document);
    hear("dialog", ({ box }) => beginIn(box));
}
