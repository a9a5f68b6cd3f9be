// Frames of the video, fetched some at a time and kept as small pictures for a while. Times are seconds in the video.

const LOOK = 12;
// each batch starts a decoder, which takes longer than many frames do
const BATCH = 54;
const MOST = 60;
const KEPT = 12;
const NEAR = 1e-6;
const LOOKED_BACK = 40;

function open(written) {
  const bytes = Uint8Array.from(atob(written.jpeg), (letter) => letter.charCodeAt(0));
  return { ...written, jpeg: new Blob([bytes], { type: "image/jpeg" }) };
}

export class Reel {
  // `reached` is the time of the last frame, as far as it is known.
  constructor(place, reached) {
    this.place = place;
    this.first = 0;
    this.last = reached;
    this.span = 1;
    this.rate = 25;
    this.kept = new Map();
    this.asked = new Map();
  }

  // Returns the first frame, undefined where there is none; the first few tell how close together frames are.
  async begin() {
    const frames = await this.#ask({ count: LOOK });
    if (!frames.length) return undefined;
    this.first = frames[0].seconds;
    const lasted = frames.at(-1).seconds - this.first;
    if (frames.length > 1 && lasted > 0) this.rate = (frames.length - 1) / lasted;
    this.span = Math.min(30, Math.max(0.2, BATCH / this.rate));
    this.last = Math.max(this.last, frames.at(-1).seconds);
    return frames[0];
  }

  markOf(seconds) {
    return Math.max(0, Math.floor((seconds - this.first) / this.span + NEAR));
  }

  // The frames between two of the marks at equal distances, or undefined while they are not here.
  peek(mark) {
    return this.kept.get(mark);
  }

  async take(mark) {
    const kept = this.kept.get(mark);
    if (kept) {
      this.kept.delete(mark);
      this.kept.set(mark, kept);
      return kept;
    }
    if (!this.asked.has(mark)) this.asked.set(mark, this.#read(mark).finally(() => this.asked.delete(mark)));
    return this.asked.get(mark);
  }

  async #read(mark) {
    const from = this.first + mark * this.span;
    const until = from + this.span;
    const found = [];
    for (let start = from; ; ) {
      const frames = await this.#ask({ start, until, count: MOST });
      found.push(...frames.filter(({ seconds }) => seconds >= start - NEAR && seconds < until - NEAR));
      if (frames.length < MOST || frames.at(-1).seconds <= start) break;
      start = frames.at(-1).seconds + 10 * NEAR;
    }
    found.sort((one, other) => one.seconds - other.seconds);
    this.kept.set(mark, found);
    for (const old of [...this.kept.keys()].slice(0, -KEPT)) this.kept.delete(old);
    return found;
  }

  // What was followed since these were fetched is not drawn on them.
  forget() {
    this.kept.clear();
  }

  // The frame that is shown at that time: the last that is not behind it.
  async find(seconds) {
    const mark = this.markOf(seconds);
    for (let back = mark; back >= Math.max(0, mark - LOOKED_BACK); back -= 1) {
      const found = (await this.take(back)).findLast((frame) => frame.seconds <= seconds + 1e-3);
      if (found) return found;
    }
    return (await this.take(0))[0];
  }

  async next(frame) {
    const end = this.markOf(this.last);
    for (let mark = this.markOf(frame.seconds); mark <= end; mark += 1) {
      const found = (await this.take(mark)).find(({ seconds }) => seconds > frame.seconds + NEAR);
      if (found) return found;
    }
    return frame;
  }

  async previous(frame) {
    for (let mark = this.markOf(frame.seconds); mark >= 0; mark -= 1) {
      const found = (await this.take(mark)).findLast(({ seconds }) => seconds < frame.seconds - NEAR);
      if (found) return found;
    }
    return frame;
  }

  async #ask(wanted) {
    const answer = await fetch(`${this.place}/frames?${new URLSearchParams(wanted)}`);
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.error?.message ?? "");
    return said.frames.map(open);
  }
}
