// The toolbar: what each button and slider does, and what they show.

import { announce, say, writeNumber } from "./words.js";

const MODES = ["side", "wipe", "blink", "overlay"];
const POINTERS = ["move", "mark", "measure"];
const SLIDES_PHOTO = ["exposure", "contrast", "turn"];

export function openTools(page, stage, hand, { changed, goTo }) {
  const { view } = stage;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const buttons = new Map([...page.querySelectorAll("[data-command]")].map((button) => [button.dataset.command, button]));
  const sliders = [...page.querySelectorAll("[data-slider]")];
  const bar = page.querySelector(".toolbar");
  const panes = page.querySelector(".panes");
  const help = page.querySelector("#help");
  // what moves by itself moves only where somebody who asked for less motion starts it
  let paused = calm.matches;
  let clock = null;

  const middle = (key) => ({ x: stage.panes[key].size.width / 2, y: stage.panes[key].size.height / 2 });

  function zoom(factor) {
    const key = view.active;
    stage.zoomAt(key, stage.focused === key ? stage.toPane(key, stage.set(key).cross) : middle(key), factor);
  }

  function activate(key) {
    view.active = key;
    show();
  }

  const pressed = {
    direction: () => view.down,
    pause: () => paused,
    align: () => view.aligned,
    level: () => view.level,
    link: () => view.linked,
    grid: () => view.grid,
    edges: () => view.edges,
    marks: () => view.marked,
    mirror: () => stage.set(view.active).mirror,
    screen: () => document.fullscreenElement === page,
  };
  for (const mode of MODES) pressed[mode] = () => view.mode === mode;
  for (const tool of POINTERS) pressed[tool] = () => hand.tool === tool;
  for (const key of stage.keys) pressed[key] = () => view.active === key;

  const commands = {
    direction: () => (view.down = !view.down),
    pause: () => {
      paused = !paused;
    },
    swap: () => {
      stage.swapped = !stage.swapped;
      announce(say(stage.swapped ? "reference" : "probe"));
    },
    align: () => {
      view.aligned = !view.aligned;
      stage.fit();
    },
    level: () => (view.level = !view.level),
    link: () => (view.linked = !view.linked),
    smaller: () => zoom(1 / 1.25),
    larger: () => zoom(1.25),
    fit: () => stage.fit(),
    whole: () => stage.fit(true),
    actual: () => stage.actual(view.active),
    grid: () => (view.grid = !view.grid),
    edges: () => (view.edges = !view.edges),
    marks: () => (view.marked = !view.marked),
    quarter: (_, way = 1) => turn(90 * way),
    mirror: () => (stage.set(view.active).mirror = !stage.set(view.active).mirror),
    reset: () => Object.assign(stage.set(view.active), { turn: 0, mirror: false, exposure: 0, contrast: 0 }),
    screen: () => (document.fullscreenElement ? document.exitFullscreen() : page.requestFullscreen()),
    checklist: () => goTo("checklist"),
    conclusion: () => goTo("conclusion"),
    help: () => help.showModal(),
  };
  for (const mode of MODES) {
    commands[mode] = () => {
      view.mode = mode;
      if (mode === "blink") paused = calm.matches;
    };
  }
  for (const tool of POINTERS) commands[tool] = () => hand.choose(tool);
  for (const key of stage.keys) {
    commands[key] = () => {
      activate(key);
      stage.panes[key].glass.focus();
    };
  }

  function run(name, way) {
    const before = pressed[name]?.();
    commands[name](name, way);
    show();
    stage.schedule();
    if (pressed[name] && !stage.keys.includes(name) && before !== pressed[name]()) {
      announce(say(pressed[name]() ? "on" : "off", { tool: buttons.get(name).dataset.name }));
    }
    if (!["checklist", "conclusion", "help", "screen"].includes(name)) changed("view");
  }

  function turn(degrees) {
    const set = stage.set(view.active);
    set.turn = ((((set.turn + degrees + 180) % 360) + 360) % 360) - 180;
  }

  function adjust(name, by) {
    const slider = sliders.find(({ dataset }) => dataset.slider === (name === "mode" ? MODE_SLIDERS[view.mode] : name));
    if (!slider) return;
    const step = name === "mode" ? by * (Number(slider.max) - Number(slider.min)) * 0.02 : by;
    slider.value = Number(slider.value) + step;
    slide(slider);
  }

  const MODE_SLIDERS = { wipe: "wipe", blink: "interval", overlay: "opacity" };

  function slide(slider) {
    const name = slider.dataset.slider;
    const holder = SLIDES_PHOTO.includes(name) ? stage.set(view.active) : view;
    holder[name] = Number(slider.value);
    show();
    stage.schedule();
    changed("view");
  }

  const words = {
    wipe: (value) => say("percent", { percent: Math.round(value) }),
    opacity: (value) => say("percent", { percent: value }),
    interval: (value) => say("pace", { milliseconds: value }),
    exposure: (value) => say("stops", { stops: `${value > 0 ? "+" : ""}${writeNumber(value, 1)}` }),
    contrast: (value) => `${value > 0 ? "+" : ""}${value}`,
    turn: (value) => say("degrees", { degrees: writeNumber(value) }),
  };

  function write(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function show() {
    for (const [name, button] of buttons) {
      const now = pressed[name] ? String(pressed[name]()) : null;
      if (now && button.getAttribute("aria-pressed") !== now) button.setAttribute("aria-pressed", now);
    }
    if (panes.dataset.mode !== view.mode) panes.dataset.mode = view.mode;
    for (const part of bar.querySelectorAll(".of-mode")) part.hidden = part.dataset.of !== view.mode;
    for (const key of stage.keys) stage.panes[key].figure.classList.toggle("active", key === view.active);
    for (const slider of sliders) {
      const name = slider.dataset.slider;
      const value = (SLIDES_PHOTO.includes(name) ? stage.set(view.active) : view)[name];
      if (Number(slider.value) !== value) slider.value = value;
      const text = words[name](value);
      write(slider.parentElement.querySelector("output"), text);
      slider.setAttribute("aria-valuetext", text);
    }
    beat();
  }

  function beat() {
    const wanted = view.mode === "blink" && !paused ? Math.max(350, view.interval) : null;
    if (clock?.every === wanted) return;
    clearInterval(clock?.timer);
    clock = wanted && {
      every: wanted,
      timer: setInterval(() => {
        stage.swapped = !stage.swapped;
        stage.schedule();
      }, wanted),
    };
  }

  const zoomShown = page.querySelector("[data-shown=zoom]");
  stage.onDraw(() => {
    write(zoomShown, say("percent", { percent: Math.round(stage.scale(view.active) * stage.panes[view.active].size.ratio * 100) }));
    for (const key of stage.keys) {
      const { cross } = stage.set(key);
      const place = stage.focused === key && cross ? `${Math.round(cross.x)}, ${Math.round(cross.y)}` : "";
      const parts = [place, hand.readMeasure(key)].filter(Boolean);
      write(stage.panes[key].figure.querySelector("[data-reading]"), parts.join(" · "));
    }
    const slider = sliders.find(({ dataset }) => dataset.slider === "wipe");
    if (view.mode === "wipe" && Number(slider.value) !== view.wipe) show();
  });

  for (const [name, button] of buttons) button.addEventListener("click", () => run(name));
  for (const slider of sliders) slider.addEventListener("input", () => slide(slider));
  document.addEventListener("fullscreenchange", show);
  help.querySelector("[data-close]").addEventListener("click", () => help.close());
  const letters = help.querySelector("[data-letters]");
  letters.checked = view.letters;
  letters.addEventListener("change", () => {
    view.letters = letters.checked;
    changed("view");
  });
  show();
  return { run, adjust, activate };
}
