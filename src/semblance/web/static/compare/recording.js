// Recording the opinion: everything at once, and what the node still misses is said where it belongs.

import { send } from "./send.js";
import { say } from "./words.js";

const PLACES = {
  conclusion: ["conclusion-problem", "[name=conclusion]"],
  checklist: ["checklist-problem", "[data-component] input[type=radio]"],
  marks: ["checklist-problem", "[data-component] .marks input"],
  grounds: ["grounds-problem", "[name=grounds]"],
  reason: ["reason-problem", "[name=reason]"],
};

function findPlace(form, field) {
  const name = field.split(".").at(-1);
  if (PLACES[name]) return PLACES[name];
  const key = name.replace(/^(finding|note|marks)-/, "");
  if (form.querySelector(`#marks-problem-${CSS.escape(key)}`)) {
    return [`marks-problem-${key}`, `#${CSS.escape(name)}, #component-${CSS.escape(key)} input[type=radio]`];
  }
  return PLACES.conclusion;
}

function clear(form) {
  for (const { 0: id } of Object.values(PLACES)) {
    const place = form.querySelector(`#${id}`);
    place.textContent = "";
  }
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
}

export function listenToRecording(form, saver, { collect, tell, leave }) {
  const button = form.querySelector("[data-record]");
  let busy = false;

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy || saver.stopped) return;
    busy = true;
    button.setAttribute("aria-disabled", "true");
    clear(form);
    tell("recording");
    // what is still on its way would make this one look as if it came from another tab
    clearTimeout(saver.timer);
    if (saver.flight) await saver.flight;
    await Promise.resolve();
    const { kind, answer, message, field } = await send(form.action, { version: saver.version, ...collect() });
    busy = false;
    button.removeAttribute("aria-disabled");
    if (kind === "taken") {
      saver.dirty = false;
      saver.stopped = true;
      leave(answer.href);
    } else if (kind === "refused") {
      saver.change();
      show(message || say("refused-plainly"), field);
    } else {
      saver.dirty = true;
      saver.fail(kind, message);
    }
  });

  function show(message, field) {
    const [id, target] = findPlace(form, field);
    const place = form.querySelector(`#${id}`);
    place.hidden = false;
    place.textContent = message;
    const input = form.querySelector(target);
    if (input?.hidden || input?.closest("[hidden]")) input.closest("[hidden]").hidden = false;
    if (input?.matches("textarea")) input.setAttribute("aria-invalid", "true");
    input?.focus();
    place.scrollIntoView({ block: "nearest" });
  }
}
