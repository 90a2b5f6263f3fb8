// Talking to the server: what the page was told in its head, forms out, fragments in.

export function meta(name) {
    return document.querySelector(`meta[name="desk-${name}"]`)?.content ?? "";
}

export class Down extends Error {}

async function reach(url, options, otherwise = "The desk cannot be reached. Try again in a moment.") {
    try {
        return await fetch(url, options);
    } catch (problem) {
        if (problem.name === "AbortError") throw problem;
        throw new Down(otherwise);
    }
}

const LOST = "We do not know whether it was sent: the desk did not answer. Try again in a moment.";

/** Send a form; the answer is {ok, sentence, …} whatever happened over there. */
export async function post(url, data) {
    const body = data instanceof FormData ? new URLSearchParams(data) : new URLSearchParams(Object.entries(data));
    const headers = { Accept: "application/json", "X-CSRFToken": meta("csrf") };
    const answer = await reach(url, { method: "POST", body, headers }, LOST);
    if (answer.status === 204) return { ok: true, sentence: "" };
    if (!answer.headers.get("Content-Type")?.startsWith("application/json")) {
        const signedOut = answer.redirected || answer.status === 403;
        const sentence = signedOut
            ? "Not done: you are signed out. Sign in again and repeat."
            : "Not done: the desk made a mistake. Try again; if it stays, tell an administrator.";
        return { ok: false, sentence };
    }
    const told = await answer.json().catch(() => ({ ok: false, sentence: LOST }));
    return { ok: answer.ok, ...told };
}

/** A piece of a page, as the server draws it for scripts. */
export async function fragment(url, signal) {
    const answer = await reach(url, { headers: { "HX-Request": "true" }, signal });
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
