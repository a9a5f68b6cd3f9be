// The toolbar: every tool is a command, reached with the mouse, with Tab, and with its key.

import { fit, resetLook, showWhole, zoomBy } from "./view.js";
import { announce, say } from "./words.js";

const MODES = ["side", "wipe", "blink", "overlay"];
const POINTERS = ["move", "mark", "measure"];
const SIDES = ["probe", "reference"];
const TOGGLES = { align: "aligned", level: "level", link: "linked", grid: "grid", edges: "edges", marks: "marks", direction: "direction", pause: "paused" };
// blinking stays below three times a second (WCAG 2.3.1)
const FASTEST = 350;

export class Tools {
  constructor(root, stage, onChange) {
    Object.assign(this, { root, stage, onChange, view: stage.view });
    this.buttons = [...root.querySelectorAll("[data-command]")];
    this.sliders = [...root.querySelectorAll("[data-slider]")];
    for (const button of this.buttons) button.addEventListener("click", () => this.run(button.dataset.command));
    for (const slider of this.sliders) {
      slider.addEventListener("input", () => this.slide(slider.dataset.slider, Number(slider.value)));
    }
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) this.view.paused = true;
    document.addEventListener("fullscreenchange", () => this.show());
    this.show();
  }

  get size() {
    return this.stage.panes.probe.size;
  }

  run(command) {
    const { view, stage } = this;
    const set = view.photos[view.active];
    if (MODES.includes(command)) view.mode = command;
    else if (POINTERS.includes(command)) view.pointer = command;
    else if (SIDES.includes(command)) {
      view.active = command;
      stage.panes[stage.single ? "probe" : command].glass.focus();
    } else if (command in TOGGLES) {
      view[TOGGLES[command]] = !view[TOGGLES[command]];
      if (command === "align") fit(view, stage.pair, this.size);
    } else if (command === "swap") view.front = view.front === "probe" ? "reference" : "probe";
    else if (command === "larger") zoomBy(view, view.active, 1.25);
    else if (command === "smaller") zoomBy(view, view.active, 0.8);
    else if (command === "fit") fit(view, stage.pair, this.size);
    else if (command === "whole") showWhole(view, stage.pair, this.size);
    else if (command === "actual") this.showActual();
    else if (command === "quarter") set.turn = ((set.turn + 270) % 360) - 180;
    else if (command === "mirror") set.mirror = !set.mirror;
    else if (command === "reset") resetLook(view, view.active);
    else if (command === "screen") this.toggleScreen();
    else return this.onCommand?.(command);
    if (MODES.includes(command)) {
      stage.paint();
      stage.measure();
    }
    this.tell(command);
    this.changed();
  }

  showActual() {
    const { view, stage } = this;
    for (const side of SIDES) {
      const scale = view.aligned ? stage.pair.probe.distance / stage.pair[side].distance : 1;
      view.photos[side].zoom = 1 / devicePixelRatio / (view.linked ? 1 : scale);
    }
  }

  toggleScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.querySelector(".comparison").requestFullscreen?.();
  }

  slide(name, value) {
    if (name in this.view) this.view[name] = name === "interval" ? Math.max(FASTEST, value) : value;
    else this.view.photos[this.view.active][name] = value;
    this.changed();
  }

  // The slider of the arrangement in hand, by its keys.
  nudge(direction) {
    const name = { wipe: "wipe", blink: "interval", overlay: "opacity" }[this.view.mode];
    if (name) this.step(name, direction * (name === "interval" ? 2 : 4));
  }

  step(name, steps) {
    const slider = this.sliders.find((one) => one.dataset.slider === name);
    slider.value = Number(slider.value) + steps * Number(slider.step);
    this.slide(name, Number(slider.value));
  }

  tell(command) {
    const button = this.buttons.find((one) => one.dataset.command === command);
    if (button?.ariaPressed && !SIDES.includes(command)) {
      const on = button.ariaPressed === "true";
      announce(say(on ? "off" : "on", { tool: button.getAttribute("aria-label") ?? button.textContent }));
    }
  }

  changed() {
    this.show();
    this.onChange("saved");
  }

  show() {
    const { view } = this;
    const on = (command) => {
      if (MODES.includes(command)) return view.mode === command;
      if (POINTERS.includes(command)) return view.pointer === command;
      if (SIDES.includes(command)) return view.active === command;
      if (command in TOGGLES) return view[TOGGLES[command]];
      if (command === "mirror") return view.photos[view.active].mirror;
      return Boolean(document.fullscreenElement);
    };
    for (const button of this.buttons) {
      if (button.hasAttribute("aria-pressed")) button.ariaPressed = String(on(button.dataset.command));
    }
    for (const part of this.root.querySelectorAll("[data-of]")) part.hidden = part.dataset.of !== view.mode;
    const set = view.photos[view.active];
    const words = {
      wipe: say("percent", { percent: Math.round(view.wipe) }),
      opacity: say("percent", { percent: view.opacity }),
      interval: say("pace", { milliseconds: view.interval }),
      exposure: say("stops", { stops: set.exposure.toFixed(1) }),
      contrast: String(set.contrast),
      turn: say("degrees", { degrees: set.turn.toFixed(1) }),
    };
    for (const slider of this.sliders) {
      const name = slider.dataset.slider;
      slider.value = name in view ? view[name] : set[name];
      this.root.querySelector(`[data-shown="${name}"]`).textContent = words[name];
    }
    const shown = this.root.querySelector('[data-shown="zoom"]');
    shown.textContent = say("percent", { percent: Math.round(100 * view.photos[view.active].zoom * devicePixelRatio) });
  }
}
