// The workbench: two photos, the tools around them, and what moves them; the same for an examiner and for an owner.

import { Hand } from "./hand.js";
import { listenToKeys } from "./keys.js";
import { listenToPointers } from "./pointer.js";
import { Stage } from "./stage.js";
import { openTools } from "./tools.js";
import { announce, say } from "./words.js";

// `changed` is told "view" or "marks"; `checklist` is null where there is none.
export function openWorkbench(page, { view, marks, closed, checklist = null, changed, goTo = () => {} }) {
  page.classList.add("lively");
  const stage = new Stage(page.querySelector(".panes"), view, marks);
  const hand = new Hand(stage, closed, changed);
  const tools = openTools(page, stage, hand, { changed, goTo });
  listenToPointers(stage, hand, { activate: tools.activate, changed });
  listenToKeys(stage, hand, { run: tools.run, adjust: tools.adjust, checklist, changed });

  for (const key of stage.keys) {
    const { glass } = stage.panes[key];
    const photo = stage.pair[key];
    const set = stage.set(key);
    set.cross ??= { ...photo.middle };
    glass.tabIndex = 0;
    glass.setAttribute("role", "application");
    glass.setAttribute("aria-label", photo.image.alt);
    glass.setAttribute("aria-describedby", "glass-keys");
    glass.setAttribute("aria-roledescription", page.querySelector("[data-word=glass]").textContent);
    glass.addEventListener("focus", () => {
      stage.focused = key;
      tools.activate(key);
      stage.schedule();
    });
    glass.addEventListener("blur", () => {
      stage.focused = null;
      stage.schedule();
    });
  }

  // a photo that is dropped beside the case must not replace the page
  for (const name of ["dragover", "drop"]) {
    window.addEventListener(name, (event) => {
      if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
      event.preventDefault();
      if (name === "drop") announce(say("dropped"));
    });
  }
  window.addEventListener("pageshow", (event) => event.persisted && location.reload());
  return stage;
}

// Loads both photos; `data-ready` on the page says that they can be compared.
export function loadPhotos(page, stage) {
  stage.onFailure = () => announce(say("picture-failed"));
  const loading = Object.values(stage.pair).map((photo) =>
    photo.load().then(
      () => stage.schedule(),
      () => stage.onFailure(),
    ),
  );
  Promise.all(loading).then(() => {
    stage.draw();
    page.dataset.ready = "";
    performance.mark("ready");
  });
}
