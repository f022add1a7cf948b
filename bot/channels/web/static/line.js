// The line to the server: events as they come, from the last message the page has. It reopens by
// itself, rests while the page is out of sight, and tells when it is down.

const REST_AFTER_MS = 60000;
const LONGEST_PAUSE_MS = 30000;

export class Line {
  constructor({ last, message, kept, answering, state }) {
    this.last = last;
    this.message = message;
    this.kept = kept;
    this.answering = answering;
    this.state = state;
    this.pause = 1000;
    this.source = null;
    this.timer = 0;
    this.rest = 0;
    addEventListener("online", () => this.open());
    addEventListener("offline", () => this.state("offline"));
    document.addEventListener("visibilitychange", () => {
      clearTimeout(this.rest);
      if (document.hidden) this.rest = setTimeout(() => this.close(), REST_AFTER_MS);
      else if (!this.source) this.open();
    });
    addEventListener("pagehide", () => this.close());
    addEventListener("pageshow", (shown) => { if (shown.persisted) this.open(); });
    this.open();
  }

  open() {
    this.close();
    const source = new EventSource(`/chat/events?after=${this.last()}`);
    this.source = source;
    source.onopen = () => {
      this.pause = 1000;
      this.state("open");
    };
    source.addEventListener("message", (event) => this.message(JSON.parse(event.data)));
    source.addEventListener("answering", (event) => this.answering(JSON.parse(event.data)));
    source.addEventListener("kept", (event) => this.kept(JSON.parse(event.data).from));
    source.onerror = () => {
      this.state(navigator.onLine ? "down" : "offline");
      // The browser reopens a broken stream; one that was refused is ours to try again.
      if (source.readyState !== EventSource.CLOSED) return;
      this.close();
      this.timer = setTimeout(() => this.open(), this.pause);
      this.pause = Math.min(LONGEST_PAUSE_MS, this.pause * 2);
    };
  }

  close() {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }
}
