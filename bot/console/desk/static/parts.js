// A page that is open takes in what changed and nothing else: parts are told apart by their ids,
// an unchanged one is not touched, and what a person typed or opened in a changed one stays.

/* global htmx */

const sources = new WeakMap(); // an element as the server wrote it

function remember(element) {
  sources.set(element, element.outerHTML);
  if (!("keyed" in element.dataset)) return;
  for (const part of element.children) remember(part);
}
for (const root of document.querySelectorAll('[hx-ext="parts"]')) remember(root);

const dirty = (field) =>
  field.tagName === "SELECT"
    ? [...field.options].some((option) => option.selected !== option.defaultSelected)
    : field.value !== field.defaultValue;

// What a person did to a part that is replaced.
function carryOver(old, next) {
  for (const field of old.querySelectorAll("textarea[id], select[id], input[id]:not([type=hidden])")) {
    const heir = next.querySelector(`#${CSS.escape(field.id)}`);
    if (heir && dirty(field)) heir.value = field.value;
  }
  for (const fold of old.querySelectorAll("details[id]")) {
    const heir = next.querySelector(`#${CSS.escape(fold.id)}`);
    if (heir && fold.id !== "proposed") heir.open = fold.open;
  }
}

function settle(old, next, fresh) {
  if (sources.get(old) === next.outerHTML) return old;
  if ("keyed" in old.dataset && "keyed" in next.dataset) {
    sources.set(old, next.outerHTML);
    reconcile(old, [...next.children], fresh);
    return old;
  }
  carryOver(old, next);
  remember(next);
  old.replaceWith(next);
  fresh.push(next);
  return next;
}

function reconcile(parent, wanted, fresh) {
  const have = new Map([...parent.children].map((part) => [part.id, part]));
  let at = parent.firstElementChild;
  for (const next of wanted) {
    const old = next.id ? have.get(next.id) : undefined;
    if (!old) {
      remember(next);
      parent.insertBefore(next, at);
      fresh.push(next);
      continue;
    }
    // What stands before it and is no longer wanted goes first: moving a part loses its focus.
    while (at && at !== old && !wanted.some((one) => one.id && one.id === at.id)) {
      const gone = at;
      at = at.nextElementSibling;
      gone.remove();
    }
    if (old !== at) parent.insertBefore(old, at);
    at = settle(old, next, fresh).nextElementSibling;
  }
  while (at) {
    const gone = at;
    at = at.nextElementSibling;
    gone.remove();
  }
}

htmx.defineExtension("parts", {
  isInlineSwap: () => false,
  handleSwap(style, target, fragment) {
    if (style !== "parts") return false;
    const focus = document.activeElement;
    const { id } = focus ?? {};
    const marked = focus?.selectionStart ?? null;
    const end = focus?.selectionEnd ?? null;
    const fresh = [];
    document.dispatchEvent(new Event("caunoi-before-parts"));
    reconcile(target, [...fragment.children], fresh);
    document.dispatchEvent(new Event("caunoi-after-parts"));
    if (id && document.activeElement !== focus) {
      const heir = document.getElementById(id);
      heir?.focus({ preventScroll: true });
      if (marked !== null && heir?.setSelectionRange) heir.setSelectionRange(marked, end);
    }
    return fresh;
  },
});
