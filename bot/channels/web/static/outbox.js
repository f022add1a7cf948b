// Keeps what the worker wrote until the conversation has it: over a lost network, a restart of
// the server and a reload of the page. Every message goes out with the id it was given here, so
// sending it again is harmless.

const PREFIX = "caunoi.out.";
const GIVE_UP_AFTER_MS = 20000;
const GIVE_UP_ON_FILE_MS = 180000;
const LONGEST_PAUSE_MS = 30000;

const TAKEN_FOR_MS = 600000;

// Private windows may refuse storage; then the memory of the page has to do.
export const store = (() => {
  try {
    localStorage.setItem("caunoi.try", "1");
    localStorage.removeItem("caunoi.try");
    return localStorage;
  } catch {
    const kept = new Map();
    return {
      getItem: (name) => kept.get(name) ?? null,
      setItem: (name, value) => kept.set(name, value),
      removeItem: (name) => kept.delete(name),
      key: (at) => [...kept.keys()][at] ?? null,
      get length() { return kept.size; },
    };
  }
})();

function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// Whether what is stored outlives the page.
export const lasting = store instanceof Storage;

// States of an item: "waiting" to be sent, "stuck" (failed, will be tried again), "taken" (the
// server has committed it; it stays until the conversation shows it).
export class Outbox {
  constructor(token, { changed, refused }) {
    this.token = token;
    this.changed = changed;
    this.refused = refused;
    this.items = [];
    this.busy = false;
    this.pause = 0;
    this.timer = 0;
    this.#load();
  }

  add({ text = null, choice = null, file = null, label }) {
    const item = { id: newId(), at: Date.now(), text, choice, label, state: "waiting", owner: this.token };
    // Of its own, not stored: a file outlives neither the page nor the storage's few megabytes.
    if (file) Object.defineProperty(item, "file", { value: file, enumerable: false });
    this.items.push(item);
    this.#save(item);
    this.flush();
    return item;
  }

  // The conversation has it now.
  settle(id) {
    this.#drop(this.items.find((item) => item.id === id));
  }

  // Forget what was handed over (the conversation was erased); what was not sent yet stays.
  forgetTaken() {
    for (const item of this.items.filter((one) => one.state === "taken")) this.#drop(item);
  }

  hurry() {
    this.pause = 0;
    this.flush();
  }

  async flush() {
    clearTimeout(this.timer);
    if (this.busy) return;
    this.busy = true;
    let item;
    // One after the other: the order in which they were written is the order they arrive in.
    while ((item = this.items.find((one) => one.state !== "taken"))) {
      if (!(await this.#send(item))) {
        this.pause = Math.min(LONGEST_PAUSE_MS, Math.max(1000, this.pause * 2, this.asked ?? 0));
        this.timer = setTimeout(() => this.flush(), this.pause);
        break;
      }
      this.pause = 0;
    }
    this.busy = false;
  }

  // True when the item is dealt with, whichever way; false when it has to be tried again.
  async #send(item) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), item.file ? GIVE_UP_ON_FILE_MS : GIVE_UP_AFTER_MS);
    this.asked = 0;
    try {
      const answer = await fetch("/chat/messages", { ...this.#request(item), signal: stop.signal });
      if (answer.status === 202) {
        this.#mark(item, "taken");
        return true;
      }
      this.asked = 1000 * Number(answer.headers.get("retry-after") || 0);
      if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) {
        const said = await answer.json().catch(() => ({}));
        this.#drop(item);
        this.refused(item, said.error, said.message);
        return true;
      }
    } catch {
      // No network, or too slow: as good as not sent.
    } finally {
      clearTimeout(timer);
    }
    this.#mark(item, "stuck");
    return false;
  }

  #request(item) {
    const headers = { "x-caunoi-token": this.token };
    if (!item.file) {
      headers["content-type"] = "application/json";
      const body = JSON.stringify({ text: item.text, choice: item.choice, update_id: item.id });
      return { method: "POST", headers, body };
    }
    const body = new FormData();
    body.append("text", item.text ?? "");
    body.append("update_id", item.id);
    body.append("file", item.file, item.file.name);
    return { method: "POST", headers, body };
  }

  #mark(item, state) {
    if (!this.items.includes(item)) return;
    item.state = state;
    this.#save(item);
    this.changed(item);
  }

  #save(item) {
    // Without its file a message would say something else than what was meant.
    if (item.file && item.state !== "taken") return;
    try {
      store.setItem(PREFIX + item.id, JSON.stringify(item));
    } catch {
      // Storage is full: the message lives as long as the page does.
    }
  }

  #drop(item) {
    if (!item) return;
    this.items = this.items.filter((one) => one !== item);
    store.removeItem(PREFIX + item.id);
    this.changed(item);
  }

  #load() {
    for (let at = store.length - 1; at >= 0; at -= 1) {
      const name = store.key(at);
      if (!name?.startsWith(PREFIX)) continue;
      try {
        const item = JSON.parse(store.getItem(name));
        // Handed over in another session, or so long ago that the conversation must have had it
        // and was erased since: no longer ours to show.
        const over = item.owner !== this.token || Date.now() - item.at > TAKEN_FOR_MS;
        if (item.state === "taken" && over) store.removeItem(name);
        else this.items.push({ ...item, owner: this.token });
      } catch {
        store.removeItem(name);
      }
    }
    this.items.sort((one, other) => one.at - other.at);
  }
}
