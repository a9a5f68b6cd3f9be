// Numbered marks: the same number on both photos points at the same thing.

import { announce, say } from "./words.js";

const MOST = 99;

export class Marks {
  constructor(list, root, onChange) {
    this.list = list;
    this.picked = null;
    this.root = root;
    this.onChange = onChange;
    this.show();
  }

  set(side, spot) {
    let mark = this.list.find((one) => !one[side]);
    if (!mark) {
      if (this.list.length >= MOST) return announce(say("marks-full"));
      const taken = new Set(this.list.map((one) => one.number));
      let number = 1;
      while (taken.has(number)) number += 1;
      mark = { number, probe: null, reference: null };
      this.list.push(mark);
    }
    mark[side] = spot;
    announce(say("mark-set", { number: mark.number, photo: say(side) }));
    this.changed();
  }

  move(mark, side, spot) {
    mark[side] = spot;
    this.changed();
  }

  remove(mark, side) {
    mark[side] = null;
    if (!mark.probe && !mark.reference) this.list.splice(this.list.indexOf(mark), 1);
    announce(say("mark-removed", { number: mark.number, photo: say(side) }));
    this.changed();
  }

  changed() {
    this.show();
    this.onChange();
  }

  show() {
    const list = this.root.querySelector("[data-marks]");
    const row = this.root.querySelector("[data-mark-row]");
    this.root.querySelector("[data-no-marks]").hidden = this.list.length > 0;
    list.replaceChildren(
      ...[...this.list].sort((one, other) => one.number - other.number).map((mark) => {
        const item = row.content.cloneNode(true);
        item.querySelector("strong").textContent = mark.number;
        for (const button of item.querySelectorAll("[data-side]")) {
          const side = button.dataset.side;
          const key = mark[side] ? "mark-show" : "mark-missing";
          button.textContent = say(key, { photo: say(side), number: mark.number });
          button.disabled = !mark[side];
          button.addEventListener("click", () => this.onShow?.(mark, side));
        }
        const gone = item.querySelector("[data-remove]");
        gone.textContent = say("mark-remove", { number: mark.number });
        gone.addEventListener("click", () => {
          this.list.splice(this.list.indexOf(mark), 1);
          this.changed();
        });
        return item;
      }),
    );
  }
}
