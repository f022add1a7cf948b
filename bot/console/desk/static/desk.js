// The page of a case: drafts that outlive a reload, words put into the reply, one reply for one
// press, and a view that stays where the person reads.

/* global htmx */

const page = document.getElementById("case");
const DRAFT = `caunoi.desk.draft.${page.dataset.case}`;
const NEAR = 120; // pixels from the end that count as being at the end

const box = () => document.getElementById("reply-text");

// Drafts

function keepDraft() {
  try {
    const words = box()?.value ?? "";
    if (words.trim()) localStorage.setItem(DRAFT, words);
    else localStorage.removeItem(DRAFT);
  } catch {
    // Storage is full or forbidden: the words live as long as the page does.
  }
}

function bringDraft() {
  const field = box();
  if (field && !field.value) field.value = localStorage.getItem(DRAFT) ?? "";
  grow();
}

function grow() {
  const field = box();
  if (!field) return;
  const least = matchMedia("(max-width: 32rem)").matches ? 2 : 3;
  const lines = field.value.split("\n").length + Math.floor(field.value.length / 90);
  field.rows = Math.min(Math.max(lines, least), 12);
}

document.addEventListener("input", (event) => {
  if (event.target !== box()) return;
  keepDraft();
  grow();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  const form = event.target.closest?.("#reply, #note-form");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit();
});

// Words from elsewhere on the page: into an empty box as they are, else after what stands there.

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fill]");
  const field = box();
  if (!button || !field) return;
  const words = document.getElementById(button.dataset.fill).textContent.trim();
  const before = field.value.trimEnd();
  if (!before.includes(words)) field.value = before ? `${before}\n\n${words}` : words;
  keepDraft();
  grow();
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
  field.scrollTop = field.scrollHeight;
});

// What was done is cleared away.

document.body.addEventListener("caunoi-done", (event) => {
  const { form } = event.detail;
  if (form === "tra-loi") {
    document.getElementById("reply")?.reset();
    keepDraft();
    grow();
    follow = true;
  }
  if (form === "ghi-chu") document.getElementById("note-form")?.reset();
  const step = document.getElementById(`form-${form}`);
  step?.reset();
  if (step) document.getElementById(`buoc-${form}`).open = false;
});

document.body.addEventListener("htmx:beforeRequest", (event) => {
  for (const said of event.detail.elt.querySelectorAll?.(":scope > .form-says") ?? []) said.replaceChildren();
});

// A reply whose answer was lost may have arrived. Until the server is heard again it is sent with
// the number of the first try, by which the server knows whether it has it.

let tried = null;

document.body.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.id !== "reply") return;
  tried ??= event.detail.parameters.number;
  event.detail.parameters.number = tried;
});
document.body.addEventListener("htmx:afterRequest", (event) => {
  const { elt, xhr } = event.detail;
  if (elt.id === "reply" && xhr.status >= 200 && xhr.status < 500) tried = null;
});

// An answer to a form is newer than what the page was just asking for.

document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { requestConfig, shouldSwap } = event.detail;
  if (requestConfig?.verb !== "post" || !shouldSwap) return;
  htmx.trigger(page, "htmx:abort");
});
document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.requestConfig?.verb === "post") htmx.trigger(document.body, "caunoi-changed");
});

// A part whose first load was lost (a restart, a weak line) is asked for again with the next news.

document.body.addEventListener("caunoi-changed", () => {
  const cited = document.querySelector("#law-cited:empty");
  if (cited) htmx.trigger(cited, "caunoi-again");
});

// The end of the conversation stays in view for who reads there; others are told of new lines.

let follow = false;
let before = null;

const newest = () => document.querySelector("#lines > :last-child")?.id;
const linesHeight = () => document.getElementById("lines").offsetHeight;
const atEnd = () => {
  const lines = document.getElementById("lines").getBoundingClientRect();
  const composer = document.getElementById("composer").getBoundingClientRect();
  return lines.bottom <= Math.max(composer.top, 0) + NEAR;
};
const toEnd = () => {
  const lines = document.getElementById("lines").getBoundingClientRect();
  const composer = document.getElementById("composer");
  scrollBy({ top: lines.bottom - (innerHeight - composer.offsetHeight - 24), behavior: "instant" });
};

document.addEventListener("caunoi-before-parts", () => {
  before = { end: atEnd(), newest: newest(), height: linesHeight() };
});
document.addEventListener("caunoi-after-parts", () => {
  if (!before) return;
  bringDraft();
  const button = document.getElementById("newer");
  if (newest() !== before.newest) {
    if (before.end || follow) toEnd();
    else if (button) button.hidden = false;
  } else if (before.end && linesHeight() !== before.height) toEnd(); // a picture came after its message
  follow = false;
});
document.addEventListener("click", (event) => {
  if (!event.target.closest("#newer")) return;
  toEnd();
  document.getElementById("newer").hidden = true;
});
// A picture takes its room when it has come, often after its line was brought into view.
let wasEnd = false;
document.addEventListener("load", (event) => {
  if (wasEnd && event.target.matches?.("#lines img")) toEnd();
}, true);
addEventListener("scroll", () => {
  wasEnd = atEnd();
  const button = document.getElementById("newer");
  if (button && !button.hidden && atEnd()) button.hidden = true;
}, { passive: true });

bringDraft();
if (!location.hash && document.querySelector("#lines > .counsellor")) toEnd();
wasEnd = atEnd();
