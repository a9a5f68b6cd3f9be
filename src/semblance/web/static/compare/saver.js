// Saving what was written, a moment after it was: one request at a time, tried again until the node has it.

import { send } from "./send.js";

const PAUSE = 600;
const WAITS = [3, 6, 12, 30];

export class Saver {
  constructor(href, version, { collect, tell }) {
    Object.assign(this, { href, version, collect, tell });
    this.dirty = false;
    this.flight = null;
    this.stopped = false;
    this.tries = 0;
  }

  get safe() {
    return !this.dirty && !this.flight;
  }

  change() {
    if (this.stopped) return;
    this.dirty = true;
    if (!this.trouble) this.tell("unsaved");
    if (this.trouble && this.trouble !== "refused") return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), PAUSE);
  }

  // Resolves when nothing is on the way any more.
  async save() {
    clearTimeout(this.timer);
    if (this.flight) return this.flight.then(() => (this.dirty && !this.trouble ? this.save() : undefined));
    if (!this.dirty || this.stopped) return undefined;
    this.dirty = false;
    if (!this.trouble) this.tell("saving");
    this.flight = send(this.href, { version: this.version, ...this.collect() });
    const outcome = await this.flight;
    this.flight = null;
    this.#take(outcome);
    if (this.dirty && !this.trouble) this.change();
    return undefined;
  }

  #take({ kind, answer, message }) {
    if (kind === "taken") {
      this.version = answer.version ?? this.version;
      this.trouble = null;
      this.tries = 0;
      this.tell(this.dirty ? "unsaved" : "saved");
      return;
    }
    this.dirty = true;
    this.fail(kind, message);
  }

  fail(kind, message = "") {
    this.trouble = kind;
    if (kind === "conflict" || kind === "gone") this.stopped = true;
    let seconds = 0;
    if (kind === "unreachable" || kind === "signed-out") {
      seconds = WAITS[Math.min(this.tries, WAITS.length - 1)];
      this.tries += 1;
      clearTimeout(this.timer);
      if (kind === "unreachable") this.timer = setTimeout(() => this.save(), seconds * 1000);
    }
    this.tell(kind, { message, seconds });
  }

  // The page is left: what is not saved yet is sent with it, after what is still on its way.
  leave() {
    if (this.stopped || !this.dirty) return;
    if (!this.flight) {
      this.save();
      return;
    }
    send(this.href, { ...this.collect(), version: this.version + 1 });
  }

  retry() {
    if (!this.trouble || this.stopped) return;
    this.dirty = true;
    this.save();
  }
}
