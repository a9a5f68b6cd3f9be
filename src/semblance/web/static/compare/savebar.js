// The line that says in words whether what was written is saved, and what to do where it is not.

import { say } from "./words.js";

const ACTS = {
  "signed-out": ["sign-in", "retry", "copy"],
  conflict: ["reload", "copy"],
  gone: ["copy"],
  unreachable: ["retry"],
  refused: [],
};

export function openSaveBar(bar, { retry, reload, copy }) {
  const status = bar.querySelector("[data-status]");
  const box = bar.querySelector("[data-trouble]");
  const words = bar.querySelector("[data-trouble-words]");
  const acts = [...bar.querySelectorAll("[data-act]")];
  const doing = { retry, reload, copy };
  for (const act of acts) act.addEventListener("click", () => doing[act.dataset.act]?.());

  return function tell(kind, { message = "", seconds = 0 } = {}) {
    const trouble = ACTS[kind];
    const line = trouble ? say("not-saved") : say(kind);
    if (status.textContent !== line) status.textContent = line;
    status.dataset.kind = trouble ? "trouble" : kind;
    if (!trouble) {
      if (kind === "saved") {
        box.hidden = true;
        words.textContent = "";
      }
      return;
    }
    const plain = kind === "refused" || kind === "conflict" ? message || say(`${kind}-plainly`) : message;
    box.hidden = false;
    words.textContent = kind === "gone" && message ? message : say(kind, { message: plain, seconds });
    if (kind === "gone" && message) words.textContent = `${message} ${say("gone-kept")}`;
    for (const act of acts) act.hidden = !trouble.includes(act.dataset.act);
  };
}
