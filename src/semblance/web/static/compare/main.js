// Puts the comparison together: two photos, tools, checklist, and what saves it.

import { Checklist } from "./checklist.js";
import { listenToKeys } from "./keys.js";
import { Marks } from "./marks.js";
import { Photo } from "./photo.js";
import { listenToPointers } from "./pointer.js";
import { Saver } from "./saver.js";
import { Stage } from "./stage.js";
import { Tools } from "./tools.js";
import { fit, makeView, writeView } from "./view.js";
import { announce, say } from "./words.js";

const root = document.querySelector(".comparison");
const draft = JSON.parse(root.dataset.draft);
const closed = "closed" in root.dataset;
const pair = Object.fromEntries([...root.querySelectorAll("[data-photo]")].map((one) => [one.dataset.photo, new Photo(one)]));
const view = makeView(draft.view);
let saver = null;

const marks = new Marks(draft.marks, root, () => {
  stage.ask();
  saver?.change();
});
const stage = new Stage(root, pair, view, marks);
const checklist = new Checklist(root.querySelector("form.findings-side"), () => saver?.change());
const tools = new Tools(root, stage, onChange);

function onChange(what) {
  // from here on the photos lie as the examiner put them
  stage.onMeasure = null;
  stage.ask();
  if (what === "active") tools.show();
  if (what === "saved") saver?.change();
}

if (!closed) {
  saver = new Saver(root, draft.version, () => {
    const numbers = new Set(marks.list.map((mark) => mark.number));
    return { ...checklist.read(numbers), marks: marks.list, view: writeView(view) };
  });
  saver.onProblem = (field, message) => checklist.showProblem(field, message);
  checklist.form.addEventListener("submit", (event) => {
    event.preventDefault();
    saver.record();
  });
}

const help = document.querySelector("#help");
help.querySelector("[data-close]").addEventListener("click", () => help.close());
tools.onCommand = (command) => {
  if (command === "help") help.showModal();
  if (command === "checklist") checklist.focusNext();
  if (command === "conclusion") checklist.focusConclusion();
};
marks.onShow = (mark, side) => {
  view.active = side;
  const key = stage.single ? "probe" : side;
  stage.panes[key].cross = stage.place(key, mark[side]);
  stage.panes[key].glass.focus();
  onChange("active");
};
if (!view.fitted) {
  fit(view, pair, stage.panes.probe.size);
  stage.onMeasure = () => fit(view, pair, stage.panes.probe.size);
}
tools.show();
listenToPointers(stage, onChange);
listenToKeys(root, tools, stage, checklist, onChange);

setInterval(() => tick(), 50);
let since = performance.now();
function tick() {
  const now = performance.now();
  if (view.mode !== "blink" || view.paused || now - since < view.interval) return;
  since = now;
  view.front = view.front === "probe" ? "reference" : "probe";
  stage.ask();
}

for (const photo of Object.values(pair)) {
  photo.load().then(
    () => {
      stage.ask();
      if (Object.values(pair).every((one) => one.levels.length)) {
        root.dataset.ready = "";
        performance.mark("comparison-ready");
      }
      return photo.loadFar().then(() => stage.ask());
    },
    () => announce(say("picture-failed")),
  );
}
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  announce(say("dropped"));
});
