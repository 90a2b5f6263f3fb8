// A list that narrows while somebody types or chooses; without this script the server narrows it.

function narrow(form) {
    const field = form.elements.q;
    const rows = [...document.querySelectorAll("[data-narrow-text]")];
    const groups = [...document.querySelectorAll("[data-narrow-group]")];
    const count = document.querySelector("[data-narrow-count]");
    const empty = document.querySelector("[data-narrow-empty]");
    const show = () => {
        const given = [...new FormData(form)].filter(([, value]) => value.trim());
        const words = given.flatMap(([, value]) => value.toLowerCase().split(/\s+/)).filter(Boolean);
        let found = 0;
        for (const row of rows) {
            row.hidden = !words.every((word) => row.dataset.narrowText.includes(word));
            if (!row.hidden) found += 1;
        }
        for (const group of groups) group.hidden = !group.querySelector("[data-narrow-text]:not([hidden])");
        count.textContent = `${found} of ${rows.length}`;
        empty.hidden = found > 0;
        const typed = field.value.trim();
        empty.querySelector("[data-narrow-words]").textContent = typed;
        const choice = empty.querySelector("[data-narrow-choice]");
        if (choice) choice.textContent = form.elements.only.selectedOptions[0].text.toLowerCase();
        for (const one of empty.querySelectorAll("[data-narrow-said]")) {
            one.hidden = (one.dataset.narrowSaid === "words") !== Boolean(typed);
        }
        const query = given.length ? `?${new URLSearchParams(given)}` : "";
        history.replaceState(history.state, "", location.pathname + query);
    };
    form.querySelector("button").hidden = true;
    form.addEventListener("input", show);
    form.addEventListener("submit", (event) => event.preventDefault());
    empty.querySelector("[data-narrow-all]").addEventListener("click", (event) => {
        event.preventDefault();
        for (const one of form.querySelectorAll("input, select")) one.value = "";
        show();
        field.focus();
    });
    if (location.search) show();
}

export function start() {
    const form = document.querySelector("form[data-narrow]");
    if (form) narrow(form);
}
