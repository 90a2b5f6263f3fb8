// System, light, dark: at once on this page, and kept for the person.

import { meta, post } from "./net.js";

const NEXT = { "": "light", light: "dark", dark: "" };

function show(theme) {
    const root = document.documentElement;
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    for (const word of document.querySelectorAll("[data-theme-word]")) word.textContent = theme || "system";
}

export function start() {
    for (const button of document.querySelectorAll("[data-theme-next]")) {
        button.addEventListener("click", () => {
            const theme = NEXT[document.documentElement.dataset.theme ?? ""];
            show(theme);
            post("/me/theme/", { theme }).catch(() => {});
        });
    }
}

export function singleKeys() {
    return meta("keys") === "on";
}
