// The checklist and the conclusion as they stand on the page: reading them, and going through them by keyboard.

import { say } from "./words.js";

export class Checklist {
  constructor(form, marks) {
    this.form = form;
    this.marks = marks;
    this.components = [...form.querySelectorAll("[data-component]")];
    this.count = form.querySelector("[data-count]");
    for (const component of this.components) {
      component.querySelector("[data-clear]").addEventListener("click", () => {
        const chosen = component.querySelector("input[type=radio]:checked");
        if (!chosen) return;
        chosen.checked = false;
        component.querySelector("input[type=radio]").focus();
        form.dispatchEvent(new Event("change", { bubbles: true }));
      });
    }
  }

  finding(component) {
    return component.querySelector("input[type=radio]:checked")?.value ?? "";
  }

  note(component) {
    return component.querySelector("textarea").value;
  }

  title(component) {
    return component.querySelector("legend").textContent.trim();
  }

  // The numbers that are written there and stand on a photo; what is unknown is said at the field.
  #readMarks(component) {
    const { value } = component.querySelector(".marks input");
    const numbers = [...new Set((value.match(/\d+/g) ?? []).map(Number))];
    const unknown = numbers.find((number) => !this.marks.all.has(number));
    const problem = component.querySelector(".problem");
    const words = unknown === undefined ? "" : say("mark-unknown", { number: unknown });
    if (problem.textContent !== words) problem.textContent = words;
    return numbers.filter((number) => this.marks.all.has(number));
  }

  write() {
    const written = {};
    for (const component of this.components) {
      const finding = this.finding(component);
      const marks = this.#readMarks(component);
      if (finding) written[component.dataset.component] = { finding, note: this.note(component), marks };
    }
    return written;
  }

  // Notes on components without a finding: no part of a checklist, but nothing that was written may be lost.
  get looseNotes() {
    const loose = this.components.filter((component) => !this.finding(component) && this.note(component));
    return Object.fromEntries(loose.map((component) => [component.dataset.component, this.note(component)]));
  }

  set looseNotes(notes) {
    for (const component of this.components) {
      const text = notes[component.dataset.component];
      if (!this.finding(component) && typeof text === "string") component.querySelector("textarea").value ||= text;
    }
  }

  get conclusion() {
    return this.form.querySelector("[name=conclusion]:checked")?.value ?? null;
  }

  get grounds() {
    return [...this.form.querySelectorAll("[name=grounds]:checked")].map((ground) => ground.value);
  }

  get reason() {
    return this.form.querySelector("[name=reason]").value;
  }

  show() {
    let done = 0;
    for (const component of this.components) {
      const finding = this.finding(component);
      if (finding) done += 1;
      component.dataset.finding = finding;
      const opened = finding || this.note(component) || component.querySelector(".marks input").value;
      component.toggleAttribute("data-open", Boolean(opened));
      component.querySelector("[data-clear]").hidden = !finding || component.disabled;
      this.#readMarks(component);
    }
    const text = say("count", { done, all: this.components.length });
    if (this.count.textContent !== text) this.count.textContent = text;
    this.form.querySelector("#grounds").hidden = this.conclusion !== "inconclusive" && !this.grounds.length;
  }

  enter(component) {
    const radio = component.querySelector("input[type=radio]:checked") ?? component.querySelector("input[type=radio]");
    radio.focus({ preventScroll: true });
    component.scrollIntoView({ block: "nearest" });
  }

  step(component, by) {
    const next = this.components[this.components.indexOf(component) + by];
    if (next) this.enter(next);
    else if (by > 0) this.toConclusion();
  }

  // Choose by number, then go on; a difference stays, for it has to be explained.
  find(component, number) {
    const radio = component.querySelectorAll("input[type=radio]")[number];
    if (!radio || component.disabled) return;
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
    if (radio.value === "differs") component.querySelector("textarea").focus();
    else this.step(component, 1);
  }

  toNext() {
    const next = this.components.find((component) => !this.finding(component));
    if (next) this.enter(next);
    else this.toConclusion();
  }

  toConclusion() {
    const radio = this.form.querySelector("[name=conclusion]:checked") ?? this.form.querySelector("[name=conclusion]");
    radio.focus({ preventScroll: true });
    this.form.querySelector("#conclusion-title").scrollIntoView({ block: "nearest" });
    radio.closest("section").scrollIntoView({ block: "nearest" });
  }
}
