// The checklist and the conclusion: what the form says, and its keys.

import { say } from "./words.js";

export class Checklist {
  constructor(form, onChange) {
    this.form = form;
    this.parts = [...form.querySelectorAll("[data-component]")];
    form.addEventListener("input", () => {
      this.show();
      onChange();
    });
    for (const part of this.parts) {
      part.querySelector("[data-clear]").addEventListener("click", () => {
        for (const radio of part.querySelectorAll("[type=radio]")) radio.checked = false;
        this.show();
        onChange();
      });
    }
    this.show();
  }

  read(numbers) {
    const checklist = {};
    for (const part of this.parts) {
      const key = part.dataset.component;
      const finding = part.querySelector(":checked")?.value;
      const written = part.querySelector(`[name="marks-${key}"]`).value.match(/\d+/g) ?? [];
      const known = written.map(Number).filter((number) => numbers.has(number));
      const unknown = written.map(Number).find((number) => !numbers.has(number));
      part.querySelector(`#marks-problem-${key}`).textContent =
        unknown === undefined ? "" : say("mark-unknown", { number: unknown });
      if (finding) {
        checklist[key] = { finding, note: part.querySelector("textarea").value, marks: [...new Set(known)] };
      }
    }
    const data = new FormData(this.form);
    return {
      checklist,
      conclusion: data.get("conclusion"),
      grounds: data.getAll("grounds"),
      reason: data.get("reason") ?? "",
    };
  }

  show() {
    const done = this.parts.filter((part) => part.querySelector(":checked")).length;
    this.form.querySelector("[data-count]").textContent = say("count", { done, all: this.parts.length });
    for (const part of this.parts) {
      const chosen = part.querySelector(":checked");
      part.classList.toggle("done", Boolean(chosen));
      part.querySelector("[data-clear]").hidden = !chosen;
    }
    this.form.querySelector("#grounds").hidden = !this.form.querySelector("[value=inconclusive]").checked;
  }

  focusNext() {
    const part = this.parts.find((one) => !one.querySelector(":checked")) ?? this.parts[0];
    part.querySelector("[type=radio]").focus();
  }

  focusConclusion() {
    (this.form.querySelector("[name=conclusion]:checked") ?? this.form.querySelector("[name=conclusion]")).focus();
  }

  // Keys that work inside a component; true where one of them was meant.
  handle(event) {
    const part = event.target.closest?.("[data-component]");
    if (!part || part.disabled) return false;
    const place = this.parts.indexOf(part);
    if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      const next = this.parts[place + (event.key === "ArrowDown" ? 1 : -1)];
      next?.querySelector("[type=radio]:checked, [type=radio]").focus();
      return true;
    }
    if (event.altKey) return false;
    if (event.key === "/") {
      part.querySelector("textarea").focus();
      return true;
    }
    const radio = part.querySelectorAll("[type=radio]")["1234".indexOf(event.key)];
    if (!radio || event.key.length !== 1) return false;
    radio.checked = true;
    radio.dispatchEvent(new Event("input", { bubbles: true }));
    (this.parts[place + 1]?.querySelector("[type=radio]") ?? this.form.querySelector("[name=conclusion]")).focus();
    return true;
  }

  showProblem(field, message) {
    for (const place of this.form.querySelectorAll(".problem[id$='-problem']")) place.textContent = "";
    const place = this.form.querySelector(`#${field}-problem`) ?? this.form.querySelector("#conclusion-problem");
    place.textContent = message;
    place.scrollIntoView({ block: "center" });
    place.previousElementSibling?.querySelector?.("input, textarea")?.focus();
  }
}
