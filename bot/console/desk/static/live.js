// Pages of the desk hear of changes. One of the open ones listens to the server and tells the
// others; each takes in what it shows, and one of them rings.

import { tell } from "./frame.js";

const HOME = new URL("../../", import.meta.url).pathname;
const HEARD = "caunoi.heard";
const BELL = "caunoi.bell";
const LONGEST_PAUSE = 30_000;

const counts = document.getElementById("counts");
const state = document.getElementById("line-state");
const bell = document.getElementById("bell");
const plain = document.title;
const others = "BroadcastChannel" in window ? new BroadcastChannel("caunoi-desk") : null;

let mark = null;
let last = null;
let pause = 1000;

function changed() {
  document.body.dispatchEvent(new Event("caunoi-changed"));
}

function hear(said) {
  last = said;
  state.textContent = "";
  document.title = said.queued ? `(${said.queued}) ${plain}` : plain;
  counts.hidden = false;
  counts.className = said.urgent ? "count urgent" : "count";
  const parts = [said.queued ? `${said.queued} chờ` : "Không ai chờ"];
  if (said.urgent) parts.push(`${said.urgent} khẩn`);
  else if (said.overdue) parts.push(`${said.overdue} quá hạn`);
  counts.textContent = parts.join(", ");
  if (said.mark !== mark) changed();
  mark = said.mark;
  ring(said.calls);
}

function lost() {
  state.textContent = "Mất kết nối, đang nối lại…";
}

function over() {
  // The server says what to do now, beside whatever is being written.
  changed();
}

function spread(kind, said) {
  others?.postMessage({ kind, said });
  take(kind, said);
}

function take(kind, said) {
  if (kind === "desk") hear(said);
  if (kind === "lost") lost();
  if (kind === "over") over();
}

function listen() {
  const stream = new EventSource(`${HOME}su-kien`);
  stream.addEventListener("desk", (event) => {
    pause = 1000;
    spread("desk", JSON.parse(event.data));
  });
  stream.addEventListener("ended", () => {
    stream.close();
    spread("over");
    again();
  });
  stream.addEventListener("error", () => {
    spread("lost");
    if (stream.readyState === EventSource.CLOSED) again();
  });
}

function again() {
  setTimeout(listen, pause);
  pause = Math.min(pause * 2, LONGEST_PAUSE);
}

if (others && navigator.locks) {
  let leads = false;
  others.addEventListener("message", ({ data }) => {
    if (data.kind === "ask" && leads && last) others.postMessage({ kind: "desk", said: last });
    else take(data.kind, data.said);
  });
  others.postMessage({ kind: "ask" });
  navigator.locks.request("caunoi-stream", () => {
    leads = true;
    listen();
    return new Promise(() => {}); // for as long as the page is open
  });
} else {
  listen();
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) changed();
});

// The bell. Browsers make no sound before a person has touched the page.

let audio = null;

function wantsBell() {
  return localStorage.getItem(BELL) === "on";
}

function wake() {
  if (!wantsBell()) return;
  audio ??= new AudioContext();
  if (audio.state !== "running") audio.resume().then(showBell, () => {});
}

function tone(pitch, from, length) {
  const sound = audio.createOscillator();
  const loudness = audio.createGain();
  sound.frequency.value = pitch;
  loudness.gain.setValueAtTime(0, audio.currentTime + from);
  loudness.gain.linearRampToValueAtTime(0.25, audio.currentTime + from + 0.02);
  loudness.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + from + length);
  sound.connect(loudness).connect(audio.destination);
  sound.start(audio.currentTime + from);
  sound.stop(audio.currentTime + from + length);
}

function chime(urgent) {
  if (urgent) for (const at of [0, 0.25, 0.5]) tone(1175, at, 0.22);
  else {
    tone(784, 0, 0.3);
    tone(1047, 0.18, 0.45);
  }
}

function heard() {
  try {
    return new Set(JSON.parse(localStorage.getItem(HEARD) ?? "[]"));
  } catch {
    return new Set();
  }
}

function alone(work) {
  return navigator.locks ? navigator.locks.request("caunoi-bell", work) : work();
}

// Of several open pages the first that can make a sound does, and the others know of it.
function ring(calls) {
  if (!wantsBell() || audio?.state !== "running") return;
  alone(() => {
    const known = heard();
    const fresh = calls.filter((call) => !known.has(call.name));
    localStorage.setItem(HEARD, JSON.stringify(calls.map((call) => call.name)));
    if (!fresh.length) return;
    chime(fresh.some((call) => call.urgent));
    document.documentElement.dataset.rang = String(Number(document.documentElement.dataset.rang ?? 0) + 1);
  });
}

function showBell() {
  if (!bell) return;
  bell.hidden = false;
  bell.setAttribute("aria-pressed", String(wantsBell()));
  if (!wantsBell()) bell.textContent = "Bật chuông báo";
  else bell.textContent = audio?.state === "running" ? "Chuông đang bật" : "Bấm để chuông kêu";
}

bell?.addEventListener("click", () => {
  const sounding = audio?.state === "running";
  localStorage.setItem(BELL, wantsBell() && sounding ? "off" : "on");
  if (!wantsBell()) {
    showBell();
    return;
  }
  audio ??= new AudioContext();
  audio.resume().then(() => {
    chime(false);
    if (last) localStorage.setItem(HEARD, JSON.stringify(last.calls.map((call) => call.name)));
    showBell();
  }, () => tell("Trình duyệt không cho trang phát tiếng. Bạn kiểm tra cài đặt âm thanh của trình duyệt."));
});
for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, wake, { passive: true });
showBell();
