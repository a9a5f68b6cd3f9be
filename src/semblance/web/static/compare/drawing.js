// Paints photos, grid, marks and measures on the canvases of a pane.

import { apply, findPlacement } from "./geometry.js";

const RING = 9;

export function paintPhoto(context, photo, pair, view, size, ratio) {
  const placed = findPlacement(photo, pair, view, size);
  const look = view.photos[photo.key];
  context.setTransform(new DOMMatrix().scaleSelf(ratio).multiplySelf(placed));
  const scale = Math.hypot(placed.a, placed.b) * ratio;
  if (photo.levels.length === 0) return;
  const far = view.edges ? null : photo.findFar(look);
  if (far) context.drawImage(far, 0, 0, photo.width, photo.height);
  const { left, top, width, height } = photo.region;
  context.drawImage(photo.find(scale, look, view.edges), left, top, width, height);
}

export function clear(context) {
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.globalAlpha = 1;
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
}

function stroke(context, width, colour) {
  context.lineWidth = width;
  context.strokeStyle = colour;
  context.stroke();
}

// A line in two tones can be seen on any skin and any background.
function draw(context, path) {
  context.beginPath();
  path();
  stroke(context, 3, "rgb(0 0 0 / 0.75)");
  stroke(context, 1.25, "#ffe13c");
}

export function drawGrid(context, photo, pair, view, size) {
  const placed = findPlacement(photo, pair, view, size);
  const middle = apply(placed, photo.middle);
  const step = (Math.hypot(placed.a, placed.b) * photo.distance) / 2;
  if (step < 6) return;
  context.beginPath();
  for (let x = middle.x % step; x < size.width; x += step) {
    context.moveTo(x, 0);
    context.lineTo(x, size.height);
  }
  for (let y = middle.y % step; y < size.height; y += step) {
    context.moveTo(0, y);
    context.lineTo(size.width, y);
  }
  stroke(context, 1.5, "rgb(0 0 0 / 0.45)");
  stroke(context, 0.75, "rgb(255 255 255 / 0.8)");
}

export function drawMarks(context, marks, photo, pair, view, size, picked) {
  const placed = findPlacement(photo, pair, view, size);
  context.font = "600 13px system-ui, sans-serif";
  for (const mark of marks) {
    const spot = mark[photo.key];
    if (!spot) continue;
    const { x, y } = apply(placed, spot);
    draw(context, () => context.arc(x, y, mark.number === picked ? RING + 3 : RING, 0, 2 * Math.PI));
    context.lineWidth = 3.5;
    context.strokeStyle = "rgb(0 0 0 / 0.8)";
    context.strokeText(mark.number, x + RING + 3, y - 5);
    context.fillStyle = "#ffe13c";
    context.fillText(mark.number, x + RING + 3, y - 5);
  }
}

export function drawMeasure(context, measure, photo, pair, view, size) {
  if (!measure) return;
  const placed = findPlacement(photo, pair, view, size);
  const from = apply(placed, measure.from);
  const to = apply(placed, measure.to ?? measure.from);
  draw(context, () => {
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y);
    for (const end of [from, to]) {
      context.moveTo(end.x - 5, end.y);
      context.lineTo(end.x + 5, end.y);
      context.moveTo(end.x, end.y - 5);
      context.lineTo(end.x, end.y + 5);
    }
  });
}

export function drawCross(context, at) {
  draw(context, () => {
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      context.moveTo(at.x + 4 * dx, at.y + 4 * dy);
      context.lineTo(at.x + 14 * dx, at.y + 14 * dy);
    }
  });
}

export function findMarkAt(marks, at, photo, pair, view, size) {
  const placed = findPlacement(photo, pair, view, size);
  for (const mark of [...marks].reverse()) {
    const spot = mark[photo.key];
    if (!spot) continue;
    const { x, y } = apply(placed, spot);
    if (Math.hypot(x - at.x, y - at.y) < RING + 8) return mark;
  }
  return null;
}
