// Saves what is written as it is written; whatever keeps it from being saved is said, and nothing is thrown away.

import { say } from "./words.js";

const PAUSE = 600;
const RETRY = [2, 5, 15, 30];

export class Saver {
  constructor(root, version, collect) {
    Object.assign(this, { root, version, collect });
    this.draftHref = root.dataset.draftHref;
    this.opinionHref = root.dataset.opinionHref;
    this.status = root.querySelector("[data-status]");
    this.trouble = root.querySelector("[data-trouble]");
    this.dirty = false;
    this.stopped = false;
    this.failures = 0;
    this.busy = Promise.resolve();
    this.acts = Object.fromEntries([...root.querySelectorAll("[data-act]")].map((one) => [one.dataset.act, one]));
    this.acts.retry.addEventListener("click", () => this.retry());
    this.acts.reload.addEventListener("click", () => {
      this.dirty = false;
      location.reload();
    });
    this.acts.copy.addEventListener("click", () => this.copy());
    addEventListener("focus", () => this.waiting && this.retry());
    addEventListener("online", () => this.waiting && this.retry());
    addEventListener("pagehide", () => this.leave());
    document.addEventListener("visibilitychange", () => document.hidden && this.leave());
    addEventListener("beforeunload", (event) => {
      if (this.dirty && !this.stopped) event.preventDefault();
    });
  }

  change() {
    this.dirty = true;
    if (this.stopped) return;
    this.say("unsaved");
    clearTimeout(this.timer);
    if (!this.waiting) this.timer = setTimeout(() => this.save(), PAUSE);
  }

  save() {
    clearTimeout(this.timer);
    this.busy = this.busy.then(() => this.dirty && !this.stopped && this.send(this.draftHref, "saving"));
    return this.busy;
  }

  retry() {
    this.waiting = false;
    clearTimeout(this.timer);
    if (this.pending) return this.record();
    return this.save();
  }

  leave() {
    if (!this.dirty || this.stopped) return;
    fetch(this.draftHref, { ...this.write(), keepalive: true }).catch(() => {});
  }

  async record() {
    clearTimeout(this.timer);
    this.pending = true;
    this.busy = this.busy.then(() => this.send(this.opinionHref, "recording"));
    return this.busy;
  }

  write() {
    return {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ version: this.version, ...this.collect() }),
      redirect: "manual",
    };
  }

  async send(href, words) {
    this.say(words);
    const sent = this.write();
    this.dirty = false;
    let answer;
    try {
      answer = await fetch(href, sent);
    } catch {
      this.dirty = true;
      return this.wait();
    }
    const said = await answer.json().catch(() => ({}));
    if (answer.ok) return this.accept(said);
    this.dirty = true;
    if (answer.status === 401 || answer.type === "opaqueredirect") return this.complain("signed-out", {}, "sign-in", "retry");
    if (answer.status === 409) return this.stop("conflict", said.message ?? say("conflict-plainly"));
    if (answer.status === 404 || answer.status === 410) return this.stop("gone", said.message);
    if (answer.status >= 500) return this.wait();
    this.pending = false;
    if (answer.status === 422 && href === this.opinionHref && said.field) {
      this.say("not-saved");
      this.onProblem(said.field, said.message);
      return this.save();
    }
    return this.complain("refused", { message: said.message ?? say("refused-plainly") }, "retry", "copy");
  }

  accept(said) {
    this.failures = 0;
    this.trouble.hidden = true;
    this.waiting = false;
    if (said.href) {
      this.stopped = true;
      location.assign(said.href);
      return;
    }
    this.version = said.version;
    this.say(this.dirty ? "unsaved" : "saved");
    if (this.dirty) this.change();
  }

  wait() {
    const seconds = RETRY[Math.min(this.failures, RETRY.length - 1)];
    this.failures += 1;
    this.complain("unreachable", { seconds }, "retry", "copy");
    this.timer = setTimeout(() => this.retry(), seconds * 1000);
  }

  stop(words, message) {
    this.stopped = true;
    this.pending = false;
    this.complain(words, { message }, "reload", "copy");
  }

  complain(words, values, ...acts) {
    this.waiting = !this.stopped;
    this.say("not-saved");
    this.trouble.hidden = false;
    this.trouble.querySelector("[data-trouble-words]").textContent = say(words, values);
    for (const [name, button] of Object.entries(this.acts)) button.hidden = !acts.includes(name);
  }

  async copy() {
    try {
      await navigator.clipboard.writeText(JSON.stringify(this.collect(), null, 2));
      this.say("copied");
    } catch {
      this.say("not-copied");
    }
  }

  say(words) {
    this.status.textContent = say(words);
  }
}
