// The keyboard: single keys for tools, arrows for the crosshair, digits for findings. In a text field none of them work.

import { findMarkAt } from "./drawing.js";
import { useTool } from "./pointer.js";
import { panBy, zoomBy } from "./view.js";
import { announce, say } from "./words.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const PREFERENCE = "semblance-single-keys";

function isText(element) {
  return element.matches?.("textarea, select, input:not([type=radio], [type=checkbox], [type=range])") ?? false;
}

export function listenToKeys(root, tools, stage, checklist, onChange) {
  const switched = root.querySelector("[data-letters]");
  switched.checked = localStorage.getItem(PREFERENCE) !== "off";
  switched.addEventListener("change", () => localStorage.setItem(PREFERENCE, switched.checked ? "on" : "off"));
  const commands = new Map(tools.buttons.map((button) => [button.dataset.key, button.dataset.command]));

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || isText(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    const glass = event.target.closest?.("[data-glass]");
    if (glass && handleOnGlass(event, glass)) return event.preventDefault();
    if (checklist.handle(event)) return event.preventDefault();
    if (event.altKey || !switched.checked) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.target.type === "range" && event.key.startsWith("Arrow")) return;
    if (key === "[" || key === "]") tools.nudge(key === "]" ? 1 : -1);
    else if (key === "i") tools.step("exposure", event.shiftKey ? -2 : 2);
    else if (key === "c") tools.step("contrast", event.shiftKey ? -2 : 2);
    else if (key === "," || key === ".") tools.step("turn", key === "." ? 1 : -1);
    else if (commands.has(key === "=" ? "+" : key)) tools.run(commands.get(key === "=" ? "+" : key));
    else return;
    event.preventDefault();
  });

  function handleOnGlass(event, glass) {
    const key = glass.closest("[data-photo]").dataset.photo;
    const pane = stage.panes[key];
    const side = stage.findSide(key);
    const arrow = ARROWS[event.key];
    if (arrow && !event.altKey) {
      const step = event.repeat ? 12 : 3;
      if (event.shiftKey) panBy(stage.view, side, -arrow[0] * 24, -arrow[1] * 24);
      else {
        pane.cross.x = Math.min(pane.size.width, Math.max(0, pane.cross.x + step * arrow[0]));
        pane.cross.y = Math.min(pane.size.height, Math.max(0, pane.cross.y + step * arrow[1]));
        const picked = stage.marks.list.find((mark) => mark.number === stage.marks.picked);
        if (picked) picked[side] = stage.locate(key, pane.cross);
      }
      onChange("view");
      return true;
    }
    if (event.key === "+" || event.key === "=" || event.key === "-") {
      const at = { x: pane.cross.x - pane.size.width / 2, y: pane.cross.y - pane.size.height / 2 };
      zoomBy(stage.view, side, event.key === "-" ? 0.8 : 1.25, at);
      onChange("saved");
      return true;
    }
    if (event.key === "Enter") return useKeyTool(key, pane, side);
    if (event.key === "Delete" || event.key === "Backspace") return removeHere(pane, side);
    if (event.key === "Escape") {
      stage.marks.picked = null;
      tools.run("move");
      return true;
    }
    return false;
  }

  function findHere(pane, side) {
    return findMarkAt(stage.marks.list, pane.cross, stage.pair[side], stage.pair, stage.view, pane.size);
  }

  function useKeyTool(key, pane, side) {
    const { marks } = stage;
    const here = findHere(pane, side);
    if (marks.picked !== null) {
      announce(say("mark-moved", { number: marks.picked }));
      marks.picked = null;
      marks.changed();
    } else if (here && stage.view.pointer !== "measure") {
      marks.picked = here.number;
      announce(say("mark-picked", { number: here.number }));
    } else useTool(stage, key, { ...pane.cross });
    onChange("saved");
    return true;
  }

  function removeHere(pane, side) {
    const { marks, view } = stage;
    const mark = marks.list.find((one) => one.number === marks.picked) ?? findHere(pane, side);
    if (mark) {
      marks.picked = null;
      marks.remove(mark, side);
    } else if (view.measures[side]) {
      delete view.measures[side];
      announce(say("measure-removed", { photo: say(side) }));
    } else announce(say("mark-none-here"));
    onChange("saved");
    return true;
  }
}
