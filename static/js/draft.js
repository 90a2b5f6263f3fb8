// What was begun to be written about a case stays until it is sent or taken out, however the page is left.

import { hear, mine, recalled } from "./net.js";

const TYPED = "textarea, input[type='text'], input[type='datetime-local']";
const HIDDEN = "button, fieldset, [type='hidden']";
// A box that must be ticked confirms what is read now.
const CONFIRMS = "[type='checkbox'][required]";

function fields(form) {
    return [...form.elements].filter((field) => field.name && !field.matches(`${HIDDEN}, ${CONFIRMS}`));
}

function kept(form) {
    const said = fields(form).filter((field) => !field.matches("[type='radio'], [type='checkbox']") || field.checked);
    return Object.fromEntries(said.map((field) => [field.name, field.value]));
}

function restore(form, draft) {
    for (const field of fields(form)) {
        if (field.type === "checkbox") field.checked = Boolean(draft[field.name]);
        else if (field.type === "radio") field.checked = field.value === draft[field.name];
        else field.value = draft[field.name] ?? "";
        field.dispatchEvent(new Event("desk:set"));
    }
}

function begin(form) {
    const name = mine(`draft.${new URL(form.action).pathname}`);
    const typed = () => fields(form).some((field) => field.matches(TYPED) && field.value.trim());
    let sent = false;
    const keep = () => {
        if (typed()) localStorage.setItem(name, JSON.stringify(kept(form)));
        else localStorage.removeItem(name);
    };
    const draft = recalled(name);
    if (draft && !typed()) restore(form, draft);
    form.addEventListener("input", () => {
        sent = false;
        keep();
    });
    // The field that is left as the dialog closes tells of its change only then.
    form.addEventListener("change", () => sent || keep());
    form.addEventListener("desk:sent", () => {
        sent = true;
        localStorage.removeItem(name);
    });
}

function beginIn(place) {
    for (const form of place.querySelectorAll("form[action*='/do/']")) if (fields(form).length) begin(form);
}

export function start() {
    beginIn(document);
    hear("dialog", ({ box }) => beginIn(box));
}
