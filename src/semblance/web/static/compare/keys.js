// The keyboard: a photo with the focus, single keys anywhere but in a text field, and the checklist's own.

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const EDGE = 12;
const TYPED = "input:not([type=radio], [type=checkbox], [type=range]), textarea, select, [contenteditable]";

export function listenToKeys(stage, hand, { run, adjust, checklist, changed }) {
  let held = 0;

  function moveCross(key, [across, down], far) {
    const { width, height } = stage.panes[key].size;
    const set = stage.set(key);
    if (far) {
      stage.panBy(key, -across * 40, -down * 40);
      changed("view");
      return;
    }
    const step = Math.min(24, 1 + held);
    const at = stage.toPane(key, set.cross);
    const to = { x: at.x + across * step, y: at.y + down * step };
    const held_ = {
      x: Math.min(width - EDGE, Math.max(EDGE, to.x)),
      y: Math.min(height - EDGE, Math.max(EDGE, to.y)),
    };
    if (to.x !== held_.x || to.y !== held_.y) stage.panBy(key, held_.x - to.x, held_.y - to.y);
    set.cross = stage.toPhoto(key, held_);
    if (stage.picked?.photo === key) hand.move(key, stage.picked.number, held_);
    stage.schedule();
    changed("view");
  }

  function onPhoto(event, key) {
    if (STEPS[event.key]) {
      held = event.repeat ? held + 1 : 0;
      moveCross(key, STEPS[event.key], event.shiftKey);
    } else if (event.key === "Enter" || event.key === " ") {
      if (!event.repeat) hand.use(key, stage.toPane(key, stage.set(key).cross));
    } else if (event.key === "Delete" || event.key === "Backspace") {
      hand.remove(key);
    } else if (event.key === "Escape") {
      if (stage.picked || stage.pending) hand.choose(hand.tool);
      else if (hand.tool !== "move") run("move");
      else return false;
    } else {
      return false;
    }
    return true;
  }

  function inChecklist(event, component) {
    if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      checklist.step(component, event.key === "ArrowDown" ? 1 : -1);
      return true;
    }
    if (event.altKey || event.target.matches(TYPED)) return false;
    const number = "1234".indexOf(event.key);
    if (number >= 0 && !event.shiftKey) {
      checklist.find(component, number);
      return true;
    }
    if (event.key === "/") {
      component.querySelector("textarea").focus();
      return true;
    }
    return false;
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if ((event.ctrlKey || event.metaKey) && !event.getModifierState("AltGraph")) return;
    const target = event.target instanceof Element ? event.target : document.body;
    const key = target.closest("[data-glass]")?.closest("[data-photo]").dataset.photo;
    const component = target.closest("[data-component]");
    if (component && (stage.view.letters || event.altKey) && inChecklist(event, component)) {
      event.preventDefault();
      return;
    }
    if (event.altKey && !event.getModifierState("AltGraph")) return;
    if (key && onPhoto(event, key)) {
      event.preventDefault();
      return;
    }
    if (target.matches(TYPED) || (!stage.view.letters && !key)) return;
    if (press(event)) event.preventDefault();
  });

  const settings = {
    i: () => adjust("exposure", 0.1),
    I: () => adjust("exposure", -0.1),
    c: () => adjust("contrast", 5),
    C: () => adjust("contrast", -5),
    ",": () => adjust("turn", -0.5),
    ".": () => adjust("turn", 0.5),
    "[": () => adjust("mode", -1),
    "]": () => adjust("mode", 1),
    T: () => run("quarter", -1),
    "=": () => run("larger"),
  };

  function press({ key, repeat }) {
    if (settings[key]) {
      settings[key]();
      return true;
    }
    const button = [...document.querySelectorAll("[data-command]")].find(
      (candidate) => candidate.dataset.key === key.toLowerCase(),
    );
    if (!button) return false;
    if (!repeat || "+-".includes(key)) run(button.dataset.command);
    return true;
  }
}
