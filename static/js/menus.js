// <details> menus: one open at a time, closed by Escape, a press elsewhere or a choice; finding in a long one; the current tab in view.

const EDGE = 8;

function closeOthers(kept) {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
        if (menu !== kept && !menu.contains(kept)) menu.open = false;
    }
}

function find(field) {
    const asked = field.value.trim().toLowerCase();
    const panel = field.closest(".menu__panel, .sheet") ?? document;
    for (const choice of panel.querySelectorAll("[data-find-text]")) {
        choice.hidden = asked !== "" && !choice.dataset.findText.includes(asked);
    }
    for (const group of panel.querySelectorAll("[data-find-group]")) {
        group.hidden = !group.querySelector("[data-find-text]:not([hidden])");
    }
}

function moved(event) {
    const menu = event.target.closest("details.menu[open]");
    if (!menu) return;
    if (event.key === "Escape") {
        event.preventDefault();
        menu.open = false;
        menu.querySelector("summary").focus();
        return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const items = [...menu.querySelectorAll("input[data-find], .menu__item:not([hidden])")].filter((item) => item.offsetParent);
    if (!items.length) return;
    event.preventDefault();
    const place = items.indexOf(document.activeElement);
    items[(place + step + items.length) % items.length].focus();
}

/** A panel that would reach over the side of the window is shifted back into it; one below it is scrolled to. */
function keepInside({ target: menu }) {
    if (!menu.matches?.("details.menu[open]")) return;
    const panel = menu.querySelector(".menu__panel");
    panel.style.translate = "";
    const { left, right } = panel.getBoundingClientRect();
    const shift = Math.max(EDGE - left, Math.min(document.documentElement.clientWidth - EDGE - right, 0));
    if (shift) panel.style.translate = `${shift}px`;
    panel.scrollIntoView({ block: "nearest" });
}

/** What cannot be pressed says why not, at the foot of its menu. */
function explain(event) {
    const item = event.target.closest?.("[data-why]");
    const place = item?.closest(".menu__panel").querySelector("[data-why-here]");
    if (place) place.textContent = item.dataset.why;
}

// Shifts the bar alone; the page stays where it is.
function showTab(tab) {
    const bar = tab?.closest(".tabs");
    if (bar) bar.scrollLeft = tab.offsetLeft - bar.offsetLeft - (bar.clientWidth - tab.offsetWidth) / 2;
}

export function start() {
    showTab(document.querySelector(".tab[aria-current]"));
    document.addEventListener("pointerover", explain);
    document.addEventListener("focusin", explain);
    document.addEventListener("click", (event) => closeOthers(event.target.closest("details.menu")));
    document.addEventListener("keydown", moved);
    document.addEventListener("toggle", keepInside, true);
    document.addEventListener("input", (event) => event.target.matches("[data-find]") && find(event.target));
    document.addEventListener("htmx:afterSwap", (event) => event.target.querySelector?.("[data-find]")?.focus());
}
