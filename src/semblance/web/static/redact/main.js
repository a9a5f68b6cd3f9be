// Marking whom the detector missed: by dragging over the photo, or by numbers. Each box is a ticked line of the form, and
// one that is not ticked any more is not sent. Without this file the numbers are added when the preview is asked for.

import { say } from "../say.js";

const SMALLEST = 4;
const stage = document.querySelector("[data-marking]");
const photo = stage.querySelector("svg.photo");
const panel = document.querySelector("[data-boxes]");

if (panel) {
  const list = panel.querySelector("[data-list]");
  const row = panel.querySelector("[data-row]");
  const fields = ["left", "top", "width", "height"].map((edge) => document.getElementById(`box-${edge}`));
  const whole = photo.viewBox.baseVal;

  const draw = (from, to) => {
    const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    rect.classList.add("cover");
    photo.append(rect);
    place(rect, from, to);
    return rect;
  };

  const place = (rect, from, to) => {
    const numbers = { x: Math.min(from.x, to.x), y: Math.min(from.y, to.y), width: Math.abs(to.x - from.x), height: Math.abs(to.y - from.y) };
    for (const [name, value] of Object.entries(numbers)) rect.setAttribute(name, value);
  };

  const redraw = () => {
    for (const rect of photo.querySelectorAll(".cover")) rect.remove();
    for (const box of list.querySelectorAll("input:checked")) {
      const [left, top, right, bottom] = box.value.split(",").map(Number);
      draw({ x: left, y: top }, { x: right, y: bottom });
    }
  };

  const add = (left, top, right, bottom) => {
    if (list.children.length >= Number(panel.dataset.cap)) return;
    const item = row.content.cloneNode(true);
    item.querySelector("input").value = [left, top, right, bottom].join(",");
    item.querySelector("span").textContent = say(panel, "box", { width: right - left, height: bottom - top, left, top });
    list.append(item);
    redraw();
  };

  const locate = (event) => {
    const box = photo.getBoundingClientRect();
    const clamp = (value, most) => Math.min(most, Math.max(0, value));
    return {
      x: Math.round(clamp(((event.clientX - box.left) / box.width) * whole.width, whole.width)),
      y: Math.round(clamp(((event.clientY - box.top) / box.height) * whole.height, whole.height)),
    };
  };

  photo.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || (event.pointerType === "touch" && !("drag" in stage.dataset))) return;
    const from = locate(event);
    let rect = null;
    const move = (moved) => {
      const to = locate(moved);
      // a click still chooses the face under it
      if (!rect && Math.hypot(to.x - from.x, to.y - from.y) >= SMALLEST) {
        photo.setPointerCapture(event.pointerId);
        rect = draw(from, to);
      }
      if (rect) place(rect, from, to);
    };
    const end = (ended) => {
      photo.removeEventListener("pointermove", move);
      photo.removeEventListener("pointerup", end);
      photo.removeEventListener("pointercancel", end);
      if (!rect) return;
      const to = locate(ended);
      rect.remove();
      const [left, top, right, bottom] = [Math.min(from.x, to.x), Math.min(from.y, to.y), Math.max(from.x, to.x), Math.max(from.y, to.y)];
      if (ended.type === "pointerup" && right - left >= SMALLEST && bottom - top >= SMALLEST) add(left, top, right, bottom);
      photo.addEventListener("click", (click) => click.preventDefault() || click.stopPropagation(), { capture: true, once: true });
    };
    photo.addEventListener("pointermove", move);
    photo.addEventListener("pointerup", end);
    photo.addEventListener("pointercancel", end);
  });
  photo.addEventListener("dragstart", (event) => event.preventDefault());

  list.addEventListener("change", redraw);
  panel.querySelector("[data-scripted]").hidden = false;
  panel.querySelector("[data-add]").addEventListener("click", () => {
    const [left, top, width, height] = fields.map((field) => field.valueAsNumber);
    if (![left, top, width, height].every(Number.isFinite) || width <= 0 || height <= 0) {
      fields.find((field) => !(field.valueAsNumber >= 0))?.focus();
      return;
    }
    add(left, top, left + width, top + height);
    for (const field of fields) field.value = "";
    fields[0].focus();
  });
  panel.querySelector("[data-drag]").addEventListener("click", (event) => {
    const on = stage.toggleAttribute("data-drag");
    event.currentTarget.setAttribute("aria-pressed", String(on));
  });
  redraw();
}
