// Talking to the server: what the page was told in its head, forms out, fragments in.

export function meta(name) {
    return document.querySelector(`meta[name="desk-${name}"]`)?.content ?? "";
}

/** The name under which something is kept here for whoever is signed in, and for nobody else at this machine. */
export function mine(name) {
    return `flagstand.${meta("me")}.${name}`;
}

/** What was kept under it, if it can be read. */
export function recalled(name) {
    try {
        return JSON.parse(localStorage.getItem(name) ?? "null");
    } catch {
        return null;
    }
}

/** Why nothing came, and what a person can do about it, if there is anything. */
export class Down extends Error {
    constructor(sentence, action = null) {
        super(sentence);
        this.action = action;
    }
}

/** To the sign-in, and back to this page. */
const SIGN_IN = {
    label: "Sign in",
    run: () => location.assign(`/sign-in/?next=${encodeURIComponent(location.pathname + location.search)}`),
};

async function reach(url, options, otherwise = "The desk cannot be reached. Try again in a moment.") {
    try {
        return await fetch(url, options);
    } catch (problem) {
        if (problem.name === "AbortError") throw problem;
        throw new Down(otherwise);
    }
}

const OFFLINE = "You are offline; nothing was sent. What you typed is kept.";
const PATIENCE = 4000;
const LOST = "We do not know whether it was sent: the desk did not answer. Try again in a moment.";

/** Where the page believes to be offline, nothing is sent before the desk has given a sign of life. */
async function cutOff() {
    if (navigator.onLine && document.documentElement.dataset.live !== "offline") return false;
    try {
        await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
        return false;
    } catch {
        return true;
    }
}

/** Send a form; the answer is {ok, sentence, …} whatever happened over there. */
export async function post(url, data) {
    if (await cutOff()) return { ok: false, sentence: OFFLINE };
    const body = data instanceof FormData ? new URLSearchParams(data) : new URLSearchParams(Object.entries(data));
    const headers = { Accept: "application/json", "X-CSRFToken": meta("csrf") };
    const answer = await reach(url, { method: "POST", body, headers }, LOST);
    if (answer.status === 204) return { ok: true, sentence: "" };
    if (!answer.headers.get("Content-Type")?.startsWith("application/json")) {
        const signedOut = answer.redirected || answer.status === 403;
        if (signedOut) return { ok: false, sentence: "Not done: you are signed out. Sign in again and repeat.", action: SIGN_IN };
        return { ok: false, sentence: "Not done: the desk made a mistake. Try again; if it stays, tell an administrator." };
    }
    const told = await answer.json().catch(() => ({ ok: false, sentence: LOST }));
    return { ok: answer.ok, ...told };
}

/** A piece of a page, as the server draws it for scripts. */
export async function fragment(url, signal) {
    const answer = await reach(url, { headers: { "HX-Request": "true" }, signal });
    if (answer.redirected && new URL(answer.url).pathname === "/sign-in/") throw new Down("You are signed out.", SIGN_IN);
    if (answer.redirected || !answer.ok) throw new Down("This cannot be shown now. Reload the page.");
    return await answer.text();
}

export async function json(url) {
    const answer = await reach(url, { headers: { Accept: "application/json" } });
    if (answer.redirected || !answer.ok) throw new Down("This cannot be read now.");
    return await answer.json();
}

/** A whole page, to take parts from. */
export async function page(url, signal) {
    const answer = await reach(url, { signal });
    if (!answer.ok) throw new Down("This page cannot be read now.");
    return new DOMParser().parseFromString(await answer.text(), "text/html");
}

export function emit(name, detail) {
    document.dispatchEvent(new CustomEvent(`desk:${name}`, { detail }));
}

export function hear(name, listener) {
    document.addEventListener(`desk:${name}`, (event) => listener(event.detail ?? {}));
}
