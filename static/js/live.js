// The socket: which cases changed. Comes back after every cut and catches up from where it was.

import { emit, meta } from "./net.js";
import { heard } from "./time.js";

const SILENCE = 45000;
const SOON = 400;
const LATEST = 3000;
const GRACE = 2500;
const SIGNED_OUT = 4401;

let socket = null;
let cursor = Number(meta("mark")) || null;
let tries = 0;
let asked = 0;
let last = Date.now();
let retry;
let grace;

function show(state, words) {
    document.documentElement.dataset.live = state;
    for (const place of document.querySelectorAll("[data-live-word]")) place.textContent = words;
    const banner = document.querySelector("[data-offline]");
    if (!banner) return;
    banner.hidden = state !== "offline";
    banner.querySelector("[data-offline-words]").textContent = words[0].toUpperCase() + words.slice(1);
}

function offline() {
    const shape = { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: meta("zone") || undefined };
    const since = new Date(last).toLocaleTimeString("en-GB", shape);
    show("offline", `offline since ${since}, showing what was known then`);
}

function connect() {
    clearTimeout(retry);
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    socket = new WebSocket(`${scheme}//${location.host}/ws/desk/`);
    socket.addEventListener("open", () => {
        asked = performance.now();
        socket.send(JSON.stringify({ seen: cursor }));
        if (document.documentElement.dataset.live !== "live") show("catching", "catching up");
    });
    socket.addEventListener("message", (event) => told(JSON.parse(event.data)));
    socket.addEventListener("close", closed);
}

function told(message) {
    last = Date.now();
    clearTimeout(grace);
    grace = undefined;
    heard(message.now, asked ? performance.now() - asked : Infinity);
    asked = 0;
    if (message.cursor) cursor = message.cursor;
    if (message.live) {
        tries = 0;
        show("live", "live");
    }
    if (message.resync) emit("resync");
    if (message.cases?.length) emit("changed", { cases: message.cases });
}

function closed(event) {
    socket = null;
    if (event.code === SIGNED_OUT) {
        show("offline", "signed out; reload the page to sign in again");
        return;
    }
    if (document.documentElement.dataset.live === "live") show("catching", "catching up");
    grace ??= setTimeout(offline, GRACE);
    const wait = Math.min(LATEST, SOON * 2 ** tries) * (0.5 + Math.random());
    tries += 1;
    retry = setTimeout(connect, wait);
}

/** A line that says nothing for too long is cut, whatever the browser believes. */
function watch() {
    if (socket?.readyState === WebSocket.OPEN && Date.now() - last > SILENCE) socket.close();
}

function comeBack() {
    if (socket) return;
    tries = 0;
    connect();
}

export function start() {
    connect();
    setInterval(watch, 5000);
    addEventListener("online", comeBack);
    addEventListener("offline", () => socket?.close());
    addEventListener("pagehide", () => {
        clearTimeout(retry);
        socket?.close();
    });
    addEventListener("pageshow", (event) => event.persisted && comeBack());
}
