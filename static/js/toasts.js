// What just happened, in a sentence, with the way back where there is one.

const STAYS = 6000;
const STAYS_WITH_ACTION = 10000;

let lastAction = null;

function frame() {
    return document.querySelector(".toasts");
}

export function toast(sentence, { refused = false, action = null } = {}) {
    if (!sentence) return;
    const shown = document.createElement("p");
    shown.className = refused ? "toast toast--refused" : "toast";
    const said = document.createElement("span");
    said.textContent = sentence;
    shown.append(said);
    if (action) shown.append(button(action, shown));
    const earlier = frame().children;
    if (refused) [...earlier].find((one) => one.firstElementChild.textContent === sentence)?.remove();
    if (earlier.length > 2) earlier[0].remove();
    frame().append(shown);
    leave(shown, action ? STAYS_WITH_ACTION : STAYS);
}

function button({ label, run }, shown) {
    const pressed = document.createElement("button");
    pressed.type = "button";
    pressed.textContent = label;
    const once = () => {
        if (lastAction === once) lastAction = null;
        shown.remove();
        run();
    };
    pressed.addEventListener("click", once);
    if (label === "Undo") lastAction = once;
    return pressed;
}

/** Goes by itself, or at a press, but not while somebody reads or reaches for it. */
function leave(shown, after) {
    let timer = setTimeout(() => shown.remove(), after);
    const hold = () => clearTimeout(timer);
    const go = () => {
        clearTimeout(timer);
        timer = setTimeout(() => shown.remove(), after / 2);
    };
    shown.addEventListener("click", () => shown.remove());
    shown.addEventListener("pointerenter", hold);
    shown.addEventListener("pointerleave", go);
    shown.addEventListener("focusin", hold);
    shown.addEventListener("focusout", go);
}

export function takeBack() {
    if (lastAction) lastAction();
    else toast("There is nothing to take back.");
}

/** For those who hear the page rather than see it. */
export function say(sentence) {
    const region = document.querySelector("[data-said]");
    if (region) region.textContent = sentence;
}

export function start() {
    for (const shown of frame()?.children ?? []) leave(shown, STAYS);
}
