// What the chosen conclusion still needs, in words; the node checks it again when the opinion is recorded.

import { say } from "./words.js";

export function listNeeds(checklist, least) {
  const { conclusion } = checklist;
  if (!conclusion) return [say("need-conclusion")];
  const found = checklist.components.map((component) => checklist.finding(component));
  const reason = checklist.reason.trim();
  const needs = [];
  if (conclusion === "potential") {
    const missing = found.filter((finding) => !finding).length;
    const alike = found.filter((finding) => finding === "corresponds").length;
    const bare = checklist.components.filter(
      (component) => checklist.finding(component) === "differs" && !checklist.note(component).trim(),
    );
    if (missing) needs.push(say("need-components", { count: missing }));
    if (alike < least) needs.push(say("need-corresponding", { count: alike, least }));
    if (bare.length) needs.push(say("need-note", { titles: bare.map((one) => checklist.title(one)).join(", ") }));
  }
  if (conclusion === "inconclusive" && !checklist.grounds.length) needs.push(say("need-ground"));
  if (conclusion === "no-candidate") {
    if (!reason && !found.includes("differs")) needs.push(say("need-reason-or-difference"));
  } else if (!reason) {
    needs.push(say("need-reason"));
  }
  return needs;
}

export function showNeeds(list, checklist) {
  if (!list) return;
  const needs = listNeeds(checklist, Number(list.dataset.least));
  const texts = needs.length ? needs : [say("need-nothing")];
  list.classList.toggle("met", !needs.length);
  if ([...list.children].map((item) => item.textContent).join("\n") === texts.join("\n")) return;
  list.replaceChildren(
    ...texts.map((text) => {
      const item = document.createElement("li");
      item.textContent = text;
      return item;
    }),
  );
}
