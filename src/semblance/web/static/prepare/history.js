// The list of steps and how it came about: every change is a list of its own, so that undo is going back by one.

export class History {
  constructor(steps) {
    this.lists = [steps];
    this.place = 0;
    this.live = null;
  }

  get steps() {
    return this.lists[this.place];
  }

  get canUndo() {
    return this.place > 0;
  }

  get canRedo() {
    return this.place < this.lists.length - 1;
  }

  // `live` names a slider that is still being moved: its next move takes the place of this one
  set(steps, live = null) {
    const replaces = live !== null && live === this.live;
    this.lists.splice(replaces ? this.place : this.place + 1, Infinity, steps);
    this.place = this.lists.length - 1;
    this.live = live;
  }

  // a change that the node could not take leaves no trace
  drop() {
    this.lists.splice(this.place, Infinity);
    this.place = Math.max(0, this.place - 1);
    if (!this.lists.length) this.lists = [[]];
    this.live = null;
  }

  undo() {
    if (this.canUndo) this.place -= 1;
    this.live = null;
  }

  redo() {
    if (this.canRedo) this.place += 1;
    this.live = null;
  }
}
