// What the chosen tool does at a place of a photo, whether a mouse, a finger or the crosshair points there.

import { measure } from "./geometry.js";
import { announce, say, writeNumber } from "./words.js";

const REACH = 14;

export class Hand {
  constructor(stage, closed, changed) {
    this.stage = stage;
    this.closed = closed;
    this.changed = changed;
    this.tool = "move";
  }

  choose(tool) {
    this.tool = tool;
    this.stage.picked = null;
    this.stage.pending = null;
    this.stage.schedule();
  }

  // The number of the mark near a place of the pane, or null.
  findMark(key, point) {
    if (!this.stage.view.marked) return null;
    const { marks } = this.stage;
    const near = marks.numbers
      .filter((number) => marks.find(number, key))
      .map((number) => {
        const { x, y } = this.stage.toPane(key, marks.find(number, key));
        return { number, away: Math.hypot(x - point.x, y - point.y) };
      })
      .filter(({ away }) => away <= REACH)
      .sort((a, b) => a.away - b.away);
    return near[0]?.number ?? null;
  }

  use(key, point) {
    if (this.stage.picked) this.#putDown(key, point);
    else if (this.tool === "measure") this.#measure(key, this.#hold(key, point));
    else this.#markOrPick(key, point);
    this.stage.schedule();
  }

  #hold(key, point) {
    const photo = this.stage.pair[key];
    const { x, y } = this.stage.toPhoto(key, point);
    return { x: Math.min(photo.width, Math.max(0, x)), y: Math.min(photo.height, Math.max(0, y)) };
  }

  #markOrPick(key, point) {
    const number = this.findMark(key, point);
    if (number && !this.closed) {
      this.stage.picked = { photo: key, number };
      announce(say("mark-picked", { number }));
    } else if (this.tool === "mark" && !this.closed) {
      this.#set(key, point);
    } else if (this.tool === "move") {
      announce(say("mark-none-here"));
    }
  }

  #set(key, point) {
    const number = this.stage.marks.findNext(key);
    if (!number) {
      announce(say("marks-full"));
      return;
    }
    this.stage.view.marked = true;
    this.stage.marks.put(number, key, this.#hold(key, point));
    announce(say("mark-set", { number, photo: say(key) }));
    this.changed("marks");
  }

  move(key, number, point) {
    this.stage.marks.put(number, key, this.#hold(key, point));
    this.stage.schedule();
    this.changed("marks");
  }

  #putDown(key, point) {
    const { photo, number } = this.stage.picked;
    if (photo === key) this.move(key, number, point);
    this.stage.picked = null;
    announce(say("mark-moved", { number }));
  }

  #measure(key, spot) {
    const { pending } = this.stage;
    if (!pending || pending.photo !== key) {
      this.stage.pending = { photo: key, from: spot };
      announce(say("measure-begun"));
      return;
    }
    this.stage.set(key).measure = { from: pending.from, to: spot };
    this.stage.pending = null;
    announce(this.readMeasure(key));
    this.changed("view");
  }

  readMeasure(key) {
    const found = this.stage.set(key).measure;
    if (!found) return "";
    const { pixels, share, angle } = measure(this.stage.pair[key], found);
    return say("measured", { pixels: writeNumber(pixels, 1), share: writeNumber(share, 3), angle: writeNumber(angle, 1) });
  }

  remove(key) {
    const { picked, marks } = this.stage;
    const set = this.stage.set(key);
    const number = picked?.number ?? this.findMark(key, this.stage.toPane(key, set.cross));
    if (number && !this.closed) {
      marks.remove(number, picked?.photo ?? key);
      this.stage.picked = null;
      announce(say("mark-removed", { number, photo: say(picked?.photo ?? key) }));
      this.changed("marks");
    } else if (set.measure || this.stage.pending) {
      set.measure = null;
      this.stage.pending = null;
      announce(say("measure-removed", { photo: say(key) }));
      this.changed("view");
    }
    this.stage.schedule();
  }
}
