// Where in the video one stands: stepping, jumping, playing. One thing is done after another; of jumps the last counts,
// and of steps each, however fast the keys come.

export const SPEEDS = [0.1, 0.25, 0.5, 1, 1.5, 2, 4];
const LONGEST_TICK = 0.25;
const AT_ONCE = 2;

export class Player {
  constructor(reel, { shown, changed, failed }) {
    Object.assign(this, { reel, shown, changed, failed });
    this.frame = null;
    this.playing = false;
    this.waiting = false;
    this.speed = 1;
    this.position = 0;
    this.wish = null;
    this.owed = 0;
    this.aim = null;
    this.busy = false;
  }

  open(frame) {
    return this.#show(frame);
  }

  jump(seconds) {
    this.pause();
    this.owed = 0;
    this.aim = seconds;
    return this.#wish(() => this.reel.find(seconds));
  }

  step(direction) {
    this.pause();
    if (!this.frame) return null;
    this.owed += direction;
    return this.#wish(() => this.#walk());
  }

  stepSeconds(seconds) {
    if (!this.frame) return null;
    const aim = (this.aim ?? this.frame.seconds) + seconds;
    return this.jump(Math.min(this.reel.last, Math.max(this.reel.first, aim)));
  }

  // Shows the frame in hand again, with the boxes that are known now.
  refresh() {
    if (this.frame && !this.playing && !this.busy) this.#wish(() => this.reel.find(this.frame.seconds));
  }

  toFirst() {
    return this.jump(this.reel.first);
  }

  toLast() {
    return this.jump(this.reel.last);
  }

  setSpeed(speed) {
    this.speed = speed;
    this.changed();
  }

  stepSpeed(direction) {
    const place = SPEEDS.indexOf(this.speed) + direction;
    this.setSpeed(SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, place))]);
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  pause() {
    if (!this.playing) return;
    this.playing = this.waiting = false;
    this.changed();
  }

  async play() {
    if (!this.frame) return;
    if (this.frame.seconds >= this.reel.last - 1e-3) await this.toFirst();
    this.playing = true;
    this.position = this.frame.seconds;
    this.changed();
    let before = performance.now();
    const tick = async (now) => {
      if (!this.playing) return;
      const passed = Math.min(LONGEST_TICK, Math.max(0, (now - before) / 1000));
      before = now;
      if (!this.waiting) this.position += passed * this.speed;
      if (this.position >= this.reel.last) {
        this.toLast();
        return;
      }
      this.#follow();
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }

  // Shows what is due where it is here, and asks for it and what comes next where it is not.
  #follow() {
    const mark = this.reel.markOf(this.position);
    const here = this.reel.peek(mark);
    const missing = [mark, mark + 1, mark + 2].filter((ahead) => ahead <= this.reel.markOf(this.reel.last) && !this.reel.peek(ahead));
    for (const ahead of missing.slice(0, AT_ONCE)) this.reel.take(ahead).catch((error) => this.#fail(error));
    if (this.waiting !== (here === undefined)) {
      this.waiting = here === undefined;
      this.changed();
    }
    const due = here?.findLast(({ seconds }) => seconds <= this.position + 1e-3);
    if (due && due !== this.frame && !this.busy) this.#showDue(due);
  }

  async #walk() {
    let frame = this.frame;
    while (this.owed) {
      const direction = Math.sign(this.owed);
      this.owed -= direction;
      frame = await (direction > 0 ? this.reel.next(frame) : this.reel.previous(frame));
    }
    return frame;
  }

  async #wish(find) {
    this.wish = find;
    if (this.busy) return;
    while (this.wish) {
      const wanted = this.wish;
      this.wish = null;
      this.busy = true;
      try {
        const found = await wanted();
        if (found) await this.#show(found);
      } catch (error) {
        this.#fail(error);
      } finally {
        this.busy = false;
      }
    }
    this.aim = null;
  }

  async #show(frame) {
    this.frame = frame;
    await this.shown(frame);
  }

  async #showDue(frame) {
    this.busy = true;
    try {
      await this.#show(frame);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.busy = false;
    }
    // what was asked for meanwhile
    if (this.wish) this.#wish(this.wish);
  }

  #fail(error) {
    this.pause();
    this.failed(error);
  }
}
