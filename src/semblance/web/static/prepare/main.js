// Preparing a probe: steps are listed here and done by the node, which draws each picture anew from the original.

import { say as word } from "../say.js";
import { Cropping } from "./cropping.js";
import { History } from "./history.js";

const PREFERENCE = "semblance-single-keys";
const root = document.querySelector(".prepare");
const base = `/probes/${root.dataset.probe}/prepared`;
const find = (name) => root.querySelector(`[data-${name}]`);
const [stage, picture, original, say, list] = ["stage", "picture", "original", "say", "list"].map(find);
const problem = document.querySelector("[data-problem]");
const history = new History(JSON.parse(root.dataset.steps));
const cropping = new Cropping(root, () => {
  const found = cropping.read();
  if (!cropping.isWhole) say.textContent = word(root, "marked", found);
});
const sliders = Object.fromEntries([...root.querySelectorAll("[data-live]")].map((one) => [one.dataset.live, one]));
const radius = find("radius");
const NEUTRAL = { rotate: 0, expose: 0, contrast: 1, sharpen: 0 };
const MAKE = {
  rotate: (value) => ({ step: "rotate", degrees: value }),
  expose: (value) => ({ step: "expose", stops: value }),
  contrast: (value) => ({ step: "contrast", factor: value }),
  sharpen: (value) => ({ step: "sharpen", amount: value, radius: radius.valueAsNumber }),
};
const UNITS = {
  rotate: (value) => `${write(value)}°`,
  expose: (value) => word(root, "stops", { stops: `${value > 0 ? "+" : ""}${write(value)}`, n: value }),
  contrast: (value) => `× ${write(value)}`,
  sharpen: (value) => write(value),
};

let outlook = null;
let busy = false;
let again = false;

function write(number) {
  return number.toLocaleString(document.documentElement.lang);
}

function encode(steps) {
  return encodeURIComponent(JSON.stringify(steps));
}

function complain(words) {
  problem.textContent = words;
  problem.hidden = !words;
}

function change(steps, live = null) {
  if (steps.length > Number(root.dataset.cap)) {
    complain(word(root, "cap", { cap: root.dataset.cap }));
    return;
  }
  history.set(steps, live);
  refresh();
}

function add(step) {
  change([...history.steps, step]);
}

// One picture at a time: whatever is changed meanwhile is drawn when it has come.
async function refresh() {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  stage.dataset.busy = "";
  const steps = history.steps;
  try {
    const answer = await fetch(`${base}/outlook?steps=${encode(steps)}`);
    const found = answer.headers.get("content-type")?.includes("json") ? await answer.json() : null;
    if (found?.problem) {
      complain(found.problem);
      history.drop();
      again = true;
    } else if (!answer.ok || answer.redirected || !found) {
      complain(word(root, "unanswered"));
    } else {
      await show(found, steps);
    }
  } catch {
    complain(word(root, "unreachable"));
  }
  busy = false;
  delete stage.dataset.busy;
  if (again) {
    again = false;
    refresh();
  }
}

async function show(found, steps) {
  picture.src = `${base}/picture?steps=${encode(steps)}`;
  await picture.decode();
  const resized = !outlook || outlook.width !== found.width || outlook.height !== found.height;
  outlook = found;
  if (resized || !cropping.isWhole) cropping.reset(found.width, found.height);
  say.textContent = word(root, "pixels", found);
  window.history.replaceState(null, "", `?steps=${encode(steps)}`);
  describe(found.steps, steps);
}

function describe(words, steps) {
  find("form").elements.steps.value = JSON.stringify(steps);
  find("none").hidden = steps.length > 0;
  find("count").textContent = steps.length ? String(steps.length) : "";
  find("use").disabled = steps.length === 0;
  find("badge").hidden = steps.length === 0;
  root.querySelector("[data-do=undo]").disabled = !history.canUndo;
  root.querySelector("[data-do=redo]").disabled = !history.canRedo;
  list.replaceChildren(
    ...words.map((said, place) => {
      const item = document.createElement("li");
      const line = item.appendChild(document.createElement("div"));
      line.appendChild(document.createElement("span")).textContent = said;
      const button = line.appendChild(document.createElement("button"));
      button.type = "button";
      button.className = "plain";
      button.textContent = word(root, "remove");
      button.setAttribute("aria-label", word(root, "removeStep", { place: place + 1, step: said }));
      button.addEventListener("click", () => {
        complain("");
        rest();
        change(steps.filter((_, other) => other !== place));
        document.getElementById("steps-title").focus({ preventScroll: true });
      });
      return item;
    }),
  );
}

// Every slider stands for the step that it is adding; after anything else it begins anew.
function rest(but = null) {
  for (const [kind, slider] of Object.entries(sliders)) {
    if (kind === but) continue;
    slider.value = NEUTRAL[kind];
    name(kind);
  }
  if (history.live !== but) history.live = null;
}

function name(kind) {
  sliders[kind].parentElement.querySelector("output").textContent = UNITS[kind](sliders[kind].valueAsNumber);
}

function nameRadius() {
  radius.parentElement.querySelector("output").textContent = word(root, "radius", { n: write(radius.valueAsNumber) });
}

function slide(kind) {
  complain("");
  rest(kind);
  const value = sliders[kind].valueAsNumber;
  const before = history.live === kind ? history.steps.slice(0, sliderStart) : history.steps;
  if (history.live !== kind) sliderStart = history.steps.length;
  change(value === NEUTRAL[kind] ? before : [...before, MAKE[kind](value)], kind);
}
let sliderStart = 0;

function showOriginal(shown) {
  original.hidden = !shown;
  picture.hidden = shown;
  find("overlay").toggleAttribute("hidden", shown);
  find("badge").textContent = word(root, shown ? "original" : "prepared");
  find("badge").hidden = !shown && history.steps.length === 0;
  root.querySelector("[data-do=original]").setAttribute("aria-pressed", String(shown));
}

const COMMANDS = {
  undo: () => {
    history.undo();
    refresh();
  },
  redo: () => {
    history.redo();
    refresh();
  },
  left: () => add({ step: "rotate", degrees: -90 }),
  right: () => add({ step: "rotate", degrees: 90 }),
  mirror: () => add({ step: "mirror" }),
  deinterlace: () => add({ step: "deinterlace", keep: find("keep").value }),
  straighten: () => {
    const eyes = outlook?.eyes[find("face")?.value];
    if (!eyes) return;
    const [[left_x, left_y], [right_x, right_y]] = eyes;
    add({ step: "straighten", left_x, left_y, right_x, right_y });
  },
  crop: () => {
    const found = cropping.read();
    if (!found || cropping.isWhole) complain(word(root, "unmarked"));
    else add({ step: "crop", ...found });
  },
  original: () => showOriginal(original.hidden),
  drag: () => {
    const on = stage.toggleAttribute("data-drag");
    root.querySelector("[data-do=drag]").setAttribute("aria-pressed", String(on));
  },
};
const KEYS = { z: "undo", y: "redo", "[": "left", "]": "right", m: "mirror", s: "straighten", c: "crop", d: "deinterlace" };

function run(command) {
  complain("");
  if (command !== "original" && command !== "drag") rest();
  COMMANDS[command]();
}

for (const button of root.querySelectorAll("[data-do]")) button.addEventListener("click", () => run(button.dataset.do));
for (const [kind, slider] of Object.entries(sliders)) {
  slider.addEventListener("input", () => name(kind));
  slider.addEventListener("change", () => slide(kind));
}
radius.addEventListener("input", nameRadius);
radius.addEventListener("change", () => {
  if (sliders.sharpen.valueAsNumber > 0) slide("sharpen");
});
for (const field of Object.values(cropping.fields)) {
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") run("crop");
  });
}

const letters = find("letters");
letters.checked = localStorage.getItem(PREFERENCE) !== "off";
letters.addEventListener("change", () => localStorage.setItem(PREFERENCE, letters.checked ? "on" : "off"));

function isText(element) {
  return element.matches?.("textarea, select, input:not([type=range], [type=checkbox])") ?? false;
}

document.addEventListener("keydown", (event) => {
  if (!letters.checked || event.ctrlKey || event.metaKey || event.altKey || isText(event.target)) return;
  const key = event.key.toLowerCase();
  if (key === "o" && !event.repeat) showOriginal(true);
  else if (KEYS[key]) run(KEYS[key]);
  else return;
  event.preventDefault();
});
document.addEventListener("keyup", (event) => {
  if (event.key.toLowerCase() === "o" && letters.checked && !isText(event.target)) showOriginal(false);
});
// a key that is let go elsewhere must not leave the original standing there
window.addEventListener("blur", () => showOriginal(false));

Object.keys(sliders).forEach(name);
nameRadius();
cropping.reset(Number(root.dataset.width), Number(root.dataset.height));
refresh();
root.dataset.ready = "";
