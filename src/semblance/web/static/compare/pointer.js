// Mouse, pen and fingers on a photo: drag to pan, wheel and pinch to zoom, click to mark or measure.

import { findMarkAt } from "./drawing.js";
import { measure } from "./geometry.js";
import { panBy, zoomBy } from "./view.js";
import { announce, say } from "./words.js";

const STEADY = 4;

export function listenToPointers(stage, onChange) {
  for (const key of Object.keys(stage.panes)) listen(stage, key, onChange);
}

export function useTool(stage, key, at) {
  const { view, marks } = stage;
  const side = stage.findSide(key);
  const spot = stage.locate(key, at);
  if (view.pointer === "mark") marks.set(side, spot);
  if (view.pointer === "measure") setMeasure(stage, key, side, spot);
}

function setMeasure(stage, key, side, spot) {
  const held = stage.view.measures[side];
  if (!held || held.to) {
    stage.view.measures[side] = { from: spot, to: null };
    announce(say("measure-begun"));
  } else {
    held.to = spot;
    const { pixels, share, angle } = measure(stage.pair[side], held);
    const words = say("measured", {
      pixels: Math.round(pixels), share: share.toFixed(2), angle: angle.toFixed(0),
    });
    stage.panes[key].figure.querySelector("[data-reading]").textContent = words;
    announce(words);
  }
}

function listen(stage, key, onChange) {
  const pane = stage.panes[key];
  const { glass } = pane;
  const held = new Map();
  let dragged = null;
  let moved = 0;

  function find(event) {
    const box = glass.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  glass.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    glass.setPointerCapture(event.pointerId);
    const at = find(event);
    held.set(event.pointerId, at);
    moved = 0;
    const photo = stage.pair[stage.findSide(key)];
    dragged = stage.view.marks ? findMarkAt(stage.marks.list, at, photo, stage.pair, stage.view, pane.size) : null;
    pane.cross = at;
    stage.view.active = stage.findSide(key);
    onChange("active");
  });

  glass.addEventListener("pointermove", (event) => {
    const before = held.get(event.pointerId);
    if (!before) return;
    const at = find(event);
    held.set(event.pointerId, at);
    moved += Math.hypot(at.x - before.x, at.y - before.y);
    if (held.size === 2) {
      const [other] = [...held].filter(([id]) => id !== event.pointerId).map(([, spot]) => spot);
      const factor = Math.hypot(at.x - other.x, at.y - other.y) / Math.hypot(before.x - other.x, before.y - other.y);
      const middle = { x: (at.x + other.x) / 2 - pane.size.width / 2, y: (at.y + other.y) / 2 - pane.size.height / 2 };
      if (Number.isFinite(factor)) zoomBy(stage.view, stage.findSide(key), factor, middle);
      panBy(stage.view, stage.findSide(key), (at.x - before.x) / 2, (at.y - before.y) / 2);
    } else if (dragged && moved > STEADY) {
      dragged[stage.findSide(key)] = stage.locate(key, at);
    } else if (!dragged) {
      panBy(stage.view, stage.findSide(key), at.x - before.x, at.y - before.y);
    }
    onChange("view");
  });

  function end(event) {
    if (!held.delete(event.pointerId)) return;
    if (dragged && moved > STEADY) stage.marks.changed();
    else if (moved <= STEADY && event.type === "pointerup" && !dragged) useTool(stage, key, find(event));
    dragged = null;
    onChange("saved");
  }
  glass.addEventListener("pointerup", end);
  glass.addEventListener("pointercancel", end);
  glass.addEventListener("focus", () => stage.ask());
  glass.addEventListener("blur", () => stage.ask());
  glass.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const at = find(event);
      const middle = { x: at.x - pane.size.width / 2, y: at.y - pane.size.height / 2 };
      zoomBy(stage.view, stage.findSide(key), 1.0015 ** -event.deltaY, middle);
      onChange("saved");
    },
    { passive: false },
  );
}
