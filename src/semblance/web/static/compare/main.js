// Puts the comparison page together.

import { loadPhotos, openWorkbench } from "./workbench.js";
import { Checklist } from "./checklist.js";
import { showMarks } from "./marklist.js";
import { Marks } from "./marks.js";
import { showNeeds } from "./needs.js";
import { listenToRecording } from "./recording.js";
import { openSaveBar } from "./savebar.js";
import { Saver } from "./saver.js";
import { openView, writeView } from "./view.js";
import { announce, say } from "./words.js";

const page = document.querySelector(".comparison");
const form = page.querySelector(".findings-side");
const closed = "closed" in page.dataset;
const draft = JSON.parse(page.dataset.draft || "{}") ?? {};

const view = openView(draft.view);
const marks = new Marks(draft.marks);
const checklist = new Checklist(form, marks);
const needs = form.querySelector("[data-needs]");

function collect() {
  return {
    conclusion: checklist.conclusion,
    reason: checklist.reason,
    grounds: checklist.grounds,
    checklist: checklist.write(),
    marks: marks.write(),
    view: writeView({ ...view, notes: checklist.looseNotes }),
  };
}

let saver = null;
let listMarks = () => {};

function changed(what) {
  if (what === "marks") listMarks();
  if (what !== "view") {
    checklist.show();
    showNeeds(needs, checklist);
  }
  saver?.change();
}

const goTo = (part) => (part === "checklist" ? checklist.toNext() : checklist.toConclusion());
const stage = openWorkbench(page, { view, marks, closed, checklist, changed, goTo });
listMarks = showMarks(page, stage, closed, {
  removed(number) {
    announce(say("mark-removed", { number, photo: say("both") }));
    stage.picked = null;
    stage.schedule();
    changed("marks");
  },
});

checklist.looseNotes = view.notes;
checklist.show();
showNeeds(needs, checklist);

if (!closed) {
  const tell = openSaveBar(form.querySelector(".save-bar"), {
    retry: () => saver.retry(),
    reload() {
      saver.dirty = false;
      location.reload();
    },
    copy: () => navigator.clipboard.writeText(writePlainly()).then(() => announce(say("copied")), () => announce(say("not-copied"))),
  });
  saver = new Saver(page.dataset.draftHref, Number(page.dataset.version), { collect, tell });
  listenToRecording(form, saver, { collect, tell, leave: (href) => location.assign(href) });
  form.addEventListener("input", () => changed("findings"));
  form.addEventListener("change", () => changed("findings"));
  // a link waits for what is not saved yet; where it cannot be saved, the page stays and says so
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]:not([target])");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.getAttribute("href").startsWith("#") || saver.safe || saver.trouble) return;
    event.preventDefault();
    saver.save().then(() => saver.safe && location.assign(link.href));
  });
  window.addEventListener("beforeunload", (event) => {
    if (saver.safe) return;
    saver.leave();
    event.preventDefault();
  });
  window.addEventListener("pagehide", () => saver.leave());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") saver.save();
    else saver.retry();
  });
  window.addEventListener("focus", () => saver.retry());
  window.addEventListener("online", () => saver.retry());
}

function writePlainly() {
  const lines = checklist.components
    .filter((component) => checklist.finding(component) || checklist.note(component))
    .map((component) => {
      const chosen = component.querySelector("input:checked")?.parentElement.textContent.trim() ?? "";
      const numbers = component.querySelector(".marks input").value;
      return [checklist.title(component), chosen, checklist.note(component), numbers].filter(Boolean).join("; ");
    });
  const conclusion = form.querySelector("[name=conclusion]:checked + span")?.textContent.trim() ?? "";
  return [...lines, conclusion, checklist.reason].filter(Boolean).join("\n");
}

loadPhotos(page, stage);
