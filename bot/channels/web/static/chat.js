// The conversation page. Without this file the page still sends and reads, by plain forms.
// Messages come from the server as escaped HTML; what is written here goes in as text only.

import { Line } from "./line.js";
import { Outbox, lasting, store } from "./outbox.js";
import { lighter } from "./picture.js";

const DRAFT = "caunoi.draft";
const RENEWED = "caunoi.renewed";
const PATIENCE_MS = 45000;
const WORRY_AFTER_MS = 3000;
const NEAR = 160;

const find = (id) => document.getElementById(id);
const log = find("log");
const box = find("cau-hoi");
const typing = find("typing");
const notice = find("notice");
const newer = find("newer");
const token = log.dataset.token;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

let last = Number(log.dataset.last);
// Whether the conversation ends with a question that has no answer yet.
let asking = !typing.hidden;
let slow = 0;

// --- what is shown -----------------------------------------------------------------------

function idOf(bubble) {
  return bubble.dataset.id ? Number(bubble.dataset.id) : Infinity;
}

function insert(bubble) {
  const after = [...log.children].find((one) => idOf(one) > idOf(bubble));
  log.insertBefore(bubble, after ?? null);
}

function show({ id, role, update_id: updateId, html }) {
  last = Math.max(last, id);
  if (find(`tin-${id}`)) return;
  const far = !nearEnd() && !atQuestion();
  const own = role === "worker" ? held(updateId) : null;
  if (own && outbox.items.find((item) => item.id === updateId)?.file) {
    // What was a file's name becomes the file.
    own.remove();
    outbox.settle(updateId);
    insert(parsed(html));
  } else if (own) {
    // The bubble is there already; it only becomes part of the conversation.
    own.id = `tin-${id}`;
    own.dataset.id = id;
    own.classList.remove("held");
    own.querySelector(".state")?.remove();
    outbox.settle(own.dataset.update);
    insert(own);
  } else {
    insert(parsed(html));
  }
  asking = role === "worker";
  settleView(far);
}

function parsed(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  return document.adoptNode(page.body.firstElementChild);
}

// The bubble this page made for a message, when the conversation brings it back.
function held(updateId) {
  const bubbles = [...log.querySelectorAll(".held")];
  return bubbles.find((one) => one.dataset.update === updateId) ?? null;
}

const STATES = {
  waiting: "Đang gửi…",
  stuck: "Chưa gửi được. Tin vẫn được giữ ở đây và sẽ tự gửi lại.",
  taken: "Đã gửi",
};

function draw(item) {
  let bubble = log.querySelector(`[data-update="${item.id}"].held`);
  if (!outbox.items.includes(item)) {
    bubble?.remove();
    return;
  }
  if (!bubble) {
    bubble = element("article", "msg worker held");
    bubble.dataset.update = item.id;
    const said = element("p", "said", item.label);
    const frame = element("div", "bubble");
    frame.append(said);
    bubble.append(element("h2", "hidden", "Bạn"), frame, element("p", "when state"));
    insert(bubble);
  }
  bubble.dataset.state = item.state;
  const state = bubble.querySelector(".state");
  if (state.textContent !== STATES[item.state]) state.textContent = STATES[item.state];
}

function element(name, classes, text = "") {
  const made = document.createElement(name);
  made.className = classes;
  made.textContent = text;
  return made;
}

function refreshTyping() {
  const waiting = asking || outbox.items.some((item) => item.state === "taken");
  if (waiting === !typing.hidden && slow) return;
  typing.hidden = !waiting;
  clearTimeout(slow);
  slow = 0;
  if (!waiting) return;
  find("typing-says").textContent = "Cầu Nối đang tìm câu trả lời…";
  slow = setTimeout(() => {
    find("typing-says").textContent = "Câu hỏi đã được nhận. Câu trả lời sẽ hiện ở đây, bạn có thể quay lại sau.";
  }, PATIENCE_MS);
}

// --- where the view stands ---------------------------------------------------------------

function nearEnd() {
  const page = document.documentElement;
  return page.scrollHeight - innerHeight - scrollY < NEAR;
}

// Whether the question asked last is in sight: its answer is being read, from the top.
function atQuestion() {
  const own = [...log.querySelectorAll(".msg.worker")].pop();
  return Boolean(own) && own.getBoundingClientRect().bottom > find("line").parentElement.offsetHeight;
}

// To the end, but never past the beginning of what was asked last: an answer is read from its top.
function toEnd() {
  const own = [...log.querySelectorAll(".msg.worker")].pop();
  const top = own ? own.getBoundingClientRect().top + scrollY - find("line").parentElement.offsetHeight - 16 : Infinity;
  const end = document.documentElement.scrollHeight - innerHeight;
  scrollTo({ top: Math.min(top, end), behavior: calm.matches ? "auto" : "smooth" });
}

function settleView(far) {
  find("welcome")?.setAttribute("hidden", "");
  refreshTyping();
  if (far) newer.hidden = false;
  else toEnd();
}

newer.addEventListener("click", () => {
  newer.hidden = true;
  toEnd();
});
addEventListener("scroll", () => { if (nearEnd()) newer.hidden = true; }, { passive: true });

// --- what is sent ------------------------------------------------------------------------

const outbox = new Outbox(token, {
  changed(item) {
    if (item.state === "taken") store.removeItem(RENEWED);
    const near = nearEnd();
    draw(item);
    refreshTyping();
    if (near) toEnd();
  },
  refused(item, code, message) {
    if (item.text && !item.text.startsWith("/") && !box.value) {
      box.value = item.text;
      fit();
      keepDraft();
    }
    if (code === "session" && lasting && !store.getItem(RENEWED)) {
      // A new page brings a new session; the draft is kept. Once: where cookies are blocked a
      // second time would not help.
      store.setItem(RENEWED, "1");
      location.reload();
      return;
    }
    tell(message || "Tin chưa gửi được. Bạn hãy tải lại trang rồi gửi lại.");
  },
});

function tell(message) {
  notice.textContent = message;
  notice.hidden = !message;
  if (message) toEnd();
}

function say(message) {
  tell("");
  const item = outbox.add(message);
  draw(item);
  settleView(false);
}

async function send() {
  const text = box.value.trim();
  const file = pick.files[0];
  if (!text && !file) return;
  box.value = "";
  keepDraft();
  fit();
  if (!file) {
    say({ text, label: text });
    return;
  }
  unchoose();
  const label = [`[${file.name}]`, text].filter(Boolean).join("\n");
  say({ text, label, file: await lighter(file) });
}

const pick = find("tep");

function unchoose() {
  pick.value = "";
  find("chosen").hidden = true;
}

pick.addEventListener("change", () => {
  const file = pick.files[0];
  find("chosen").hidden = !file;
  find("chosen-name").textContent = file ? `Sẽ gửi: ${file.name}` : "";
  box.focus();
});
find("unchoose").addEventListener("click", () => {
  unchoose();
  box.focus();
});

find("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});

box.addEventListener("keydown", (event) => {
  // Telex and VNI keyboards compose: the Enter that ends a word must not send.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  send();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[form=quick]");
  if (!button) return;
  event.preventDefault();
  const label = button.name === "text" ? button.value : button.textContent.trim();
  say(button.name === "text" ? { text: button.value, label } : { choice: button.value, label });
  // The button is gone now; keep the place of whoever goes by keyboard or reads by ear.
  log.focus({ preventScroll: true });
});

function keepDraft() {
  try {
    store.setItem(DRAFT, box.value);
  } catch {
    // Storage is full: the draft lives as long as the page does.
  }
}

function fit() {
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
}

box.addEventListener("input", () => {
  keepDraft();
  fit();
});

// --- the line ----------------------------------------------------------------------------

let worry = 0;
function tellLine(state) {
  const line = find("line");
  clearTimeout(worry);
  if (state === "open") {
    if (line.textContent) line.textContent = "";
    outbox.hurry();
    return;
  }
  worry = setTimeout(() => {
    line.textContent = state === "offline"
      ? "Máy bạn đang mất mạng. Tin sẽ tự gửi khi có mạng lại."
      : "Đang nối lại với Cầu Nối…";
  }, state === "offline" ? 0 : WORRY_AFTER_MS);
}

// A counsellor takes as long as people take: no dots then.
function answering(busy) {
  asking = busy;
  refreshTyping();
}

function kept(first) {
  const gone = [...log.children].filter((one) => one.dataset.id && (first === null || idOf(one) < first));
  if (!gone.length) return;
  for (const bubble of gone) bubble.remove();
  outbox.forgetTaken();
  asking = false;
  document.querySelector(".turn-page")?.remove();
  refreshTyping();
}

// --- beginning ---------------------------------------------------------------------------

if (!box.value) box.value = store.getItem(DRAFT) ?? "";
fit();
for (const item of [...outbox.items]) {
  if (log.querySelector(`[data-update="${item.id}"]`)) outbox.settle(item.id);
  else draw(item);
}
if (outbox.items.length) find("welcome")?.setAttribute("hidden", "");
refreshTyping();
if (log.children.length) {
  history.scrollRestoration = "manual";
  scrollTo(0, document.documentElement.scrollHeight);
}
new Line({ last: () => last, message: show, kept, answering, state: tellLine });
outbox.flush();
