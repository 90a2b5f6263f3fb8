// Choosing from a long list by typing: a combobox over a <select>, or over options that the server finds.

import { fragment } from "./net.js";

let made = 0;

/** Give an input a list of options under it, worked by arrows, Enter, Escape and pointer. */
function listen(field, list, { choose, refresh }) {
    field.setAttribute("role", "combobox");
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-expanded", "false");
    field.setAttribute("aria-controls", list.id);
    const options = () => [...list.querySelectorAll("[role='option']:not([hidden])")];
    const show = (wanted) => {
        list.hidden = !wanted || options().length === 0;
        field.setAttribute("aria-expanded", String(!list.hidden));
        if (list.hidden) point(null);
    };
    const point = (option) => {
        for (const other of list.children) other.setAttribute("aria-selected", String(other === option));
        if (option) {
            field.setAttribute("aria-activedescendant", option.id);
            option.scrollIntoView({ block: "nearest" });
        } else field.removeAttribute("aria-activedescendant");
    };
    const pointed = () => list.querySelector("[aria-selected='true']:not([hidden])");
    const take = (option) => {
        choose(option);
        show(false);
    };
    field.addEventListener("input", async () => {
        await refresh(field.value);
        show(document.activeElement === field);
        if (field.value.trim()) point(options()[0] ?? null);
    });
    field.addEventListener("keydown", (event) => {
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (step) {
            event.preventDefault();
            if (list.hidden) show(true);
            const all = options();
            point(all[(all.indexOf(pointed()) + step + all.length) % all.length] ?? null);
        } else if (event.key === "Enter" && !list.hidden && pointed()) {
            event.preventDefault();
            take(pointed());
        } else if (event.key === "Escape" && !list.hidden) {
            event.preventDefault();
            event.stopPropagation();
            show(false);
        }
    });
    field.addEventListener("blur", () => show(false));
    list.addEventListener("pointerdown", (event) => {
        const option = event.target.closest("[role='option']");
        event.preventDefault();
        if (option) take(option);
    });
    return { show };
}

function newList(label) {
    const list = document.createElement("ul");
    list.id = `combo-${++made}`;
    list.className = "combo__list";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", label);
    list.hidden = true;
    return list;
}

/** A select that can be typed into. Without this script it stays a select. */
export function overSelect(select) {
    const frame = document.createElement("div");
    frame.className = "combo";
    const field = document.createElement("input");
    field.type = "text";
    field.className = "input";
    field.autocomplete = "off";
    field.id = select.id;
    select.id = `${field.id}-value`;
    const label = document.querySelector(`label[for="${field.id}"]`)?.textContent.trim() ?? "";
    const list = newList(label);
    for (const option of select.options) {
        if (!option.value) continue;
        const item = document.createElement("li");
        item.id = `${list.id}-${option.index}`;
        item.dataset.value = option.value;
        item.textContent = capital(option.text);
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", "false");
        list.append(item);
    }
    const shown = () => (select.value ? capital(select.selectedOptions[0]?.text ?? "") : "");
    field.value = shown();
    field.placeholder = capital(select.querySelector("option[value='']")?.text ?? "");
    select.hidden = true;
    select.before(frame);
    frame.append(field, select, list);
    const filter = (asked) => {
        const words = asked.trim().toLowerCase().split(/\s+/);
        for (const item of list.children) {
            item.hidden = !words.every((word) => item.textContent.toLowerCase().includes(word));
        }
    };
    const choose = (option) => {
        select.value = option.dataset.value;
        field.value = shown();
        select.dispatchEvent(new Event("change", { bubbles: true }));
    };
    const { show } = listen(field, list, { choose, refresh: filter });
    field.addEventListener("focus", () => {
        filter("");
        field.select();
    });
    field.addEventListener("click", () => {
        filter("");
        show(true);
    });
    field.addEventListener("blur", () => (field.value = shown()));
    select.addEventListener("desk:set", () => (field.value = shown()));
}

function capital(text) {
    return text.charAt(0).toUpperCase() + text.slice(1);
}

/** An input whose options the server finds while somebody types. */
export function overServer(frame, url, choose) {
    const field = frame.querySelector("input[type='text']");
    const list = newList(field.getAttribute("aria-label") ?? "Found");
    frame.append(list);
    let asking = null;
    const refresh = async (asked) => {
        asking?.abort();
        asking = new AbortController();
        if (asked.trim().length < 2) {
            list.replaceChildren();
            return;
        }
        try {
            list.innerHTML = await fragment(`${url}?q=${encodeURIComponent(asked)}`, asking.signal);
        } catch {
            // Nothing found is shown as nothing; what was typed is kept and sent as it is.
        }
    };
    listen(field, list, { choose, refresh });
}
