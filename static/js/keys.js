// Single keys. A page adds its own; none works while somebody writes, or has switched them off.

import { isOpen, open, showKeys } from "./dialog.js";
import { singleKeys } from "./theme.js";
import { takeBack } from "./toasts.js";

const PATIENCE = 1200;

const bound = new Map();
let begun = "";
let timer;

export function on(keys, run) {
    bound.set(keys, run);
}

function writing(target) {
    return target.isContentEditable || (target.matches?.("input, textarea, select") && !target.matches("[type='checkbox'], [type='radio']"));
}

function pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === "Escape" && event.target.matches?.("#search")) event.target.blur();
    if (writing(event.target) || isOpen() || !singleKeys()) return;
    const keys = begun + event.key;
    begun = "";
    clearTimeout(timer);
    const run = bound.get(keys);
    if (run) {
        if (run(event) !== false) event.preventDefault();
    } else if (event.key === "g") {
        begun = "g ";
        timer = setTimeout(() => (begun = ""), PATIENCE);
    }
}

function go(url) {
    return () => {
        if (url) location.assign(url);
    };
}

export function start() {
    on("?", showKeys);
    on("/", () => {
        const search = document.getElementById("search");
        search.focus();
        search.select();
    });
    on("f", () => {
        const way = document.querySelector(".top__flag");
        if (way) open(way.dataset.dialog);
    });
    on("z", takeBack);
    on("g b", go("/board/"));
    on("g m", go("/board/?assignee=me"));
    document.addEventListener("keydown", pressed);
}
