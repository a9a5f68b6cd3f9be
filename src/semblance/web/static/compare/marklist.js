// The list of marks: showing one in the middle of its photo, removing one.

import { say } from "./words.js";

export function showMarks(page, stage, closed, { removed }) {
  const list = page.querySelector("[data-marks]");
  const none = page.querySelector("[data-no-marks]");
  const template = page.querySelector("[data-mark-row]");

  function draw() {
    const { marks } = stage;
    none.hidden = marks.numbers.length > 0;
    list.replaceChildren(
      ...marks.numbers.map((number) => {
        const row = template.content.cloneNode(true).firstElementChild;
        row.querySelector("strong").textContent = number;
        for (const button of row.querySelectorAll("[data-side]")) {
          const { side } = button.dataset;
          const spot = marks.find(number, side);
          button.textContent = say(spot ? "mark-show-short" : "mark-missing", { photo: say(side) });
          button.disabled = !spot;
          if (spot) button.setAttribute("aria-label", say("mark-show", { photo: say(side), number }));
          button.addEventListener("click", () => bring(side, spot));
        }
        const remove = row.querySelector("[data-remove]");
        remove.textContent = say("mark-remove-short");
        remove.setAttribute("aria-label", say("mark-remove", { number }));
        remove.hidden = closed;
        remove.addEventListener("click", () => {
          for (const side of ["probe", "reference"]) if (marks.find(number, side)) marks.remove(number, side);
          removed(number);
          draw();
          page.querySelector("#marks-title").focus();
        });
        return row;
      }),
    );
  }

  function bring(side, spot) {
    const { x, y } = stage.toPane(side, spot);
    const { width, height } = stage.panes[side].size;
    stage.set(side).cross = { ...spot };
    stage.panBy(side, width / 2 - x, height / 2 - y);
    stage.panes[side].glass.focus();
  }

  draw();
  return draw;
}
