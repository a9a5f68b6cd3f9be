// What is drawn in a pane: the photo's pixels, and above them grid, marks, measure and crosshair.

import { apply } from "./geometry.js";

const SHARP_FROM = 4;

function place(context, matrix, ratio) {
  context.setTransform(
    matrix.a * ratio,
    matrix.b * ratio,
    matrix.c * ratio,
    matrix.d * ratio,
    matrix.e * ratio,
    matrix.f * ratio,
  );
}

export function drawPicture(context, photo, matrix, { size, settings, edges, ground }) {
  const scale = Math.hypot(matrix.a, matrix.b) * size.ratio;
  context.setTransform(1, 0, 0, 1, 0, 0);
  if (ground) {
    context.fillStyle = ground;
    context.fillRect(0, 0, context.canvas.width, context.canvas.height);
  } else {
    context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  }
  const near = photo.levels.length && photo.find(scale, settings, edges);
  if (!near) return;
  place(context, matrix, size.ratio);
  context.imageSmoothingQuality = "low";
  // from here on single pixels are looked at, and nothing may be made up between them
  context.imageSmoothingEnabled = scale * (photo.region.width / near.width) < SHARP_FROM;
  const far = !edges && photo.findFar(settings);
  if (far) context.drawImage(far, 0, 0, photo.width, photo.height);
  const { left, top, width, height } = photo.region;
  context.drawImage(near, left, top, width, height);
}

function line(context, points, width = 1.5) {
  for (const [colour, thick] of [
    ["rgba(0, 0, 0, 0.65)", width + 2],
    ["#fff", width],
  ]) {
    context.strokeStyle = colour;
    context.lineWidth = thick;
    context.beginPath();
    points.forEach(({ x, y }, at) => (at % 2 ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.stroke();
  }
}

// Lines through the middle between the eyes, a quarter of their distance apart, or the next step that can be seen.
function drawGrid(context, origin, step, { width, height }) {
  let gap = step;
  while (gap < 18) gap *= 2;
  context.lineWidth = 1;
  for (const [colour, shift] of [
    ["rgba(0, 0, 0, 0.45)", 1],
    ["rgba(255, 255, 255, 0.6)", 0],
  ]) {
    context.strokeStyle = colour;
    context.beginPath();
    for (let x = ((origin.x % gap) + gap) % gap; x < width; x += gap) {
      context.moveTo(Math.round(x) + 0.5 + shift, 0);
      context.lineTo(Math.round(x) + 0.5 + shift, height);
    }
    for (let y = ((origin.y % gap) + gap) % gap; y < height; y += gap) {
      context.moveTo(0, Math.round(y) + 0.5 + shift);
      context.lineTo(width, Math.round(y) + 0.5 + shift);
    }
    context.stroke();
  }
}

function drawMark(context, { x, y }, number, picked) {
  line(context, [
    { x: x - 7, y },
    { x: x + 7, y },
    { x, y: y - 7 },
    { x, y: y + 7 },
  ]);
  context.font = "600 13px system-ui, sans-serif";
  const wide = Math.max(20, context.measureText(number).width + 10);
  context.fillStyle = picked ? "#ffd23f" : "#1a1e23";
  context.strokeStyle = picked ? "#1a1e23" : "#fff";
  context.lineWidth = 1.5;
  context.beginPath();
  context.roundRect(x + 8, y - 26, wide, 20, 4);
  context.fill();
  context.stroke();
  context.fillStyle = picked ? "#1a1e23" : "#fff";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(number, x + 8 + wide / 2, y - 15.5);
}

function drawCross(context, { x, y }) {
  line(
    context,
    [
      { x: x - 22, y },
      { x: x - 5, y },
      { x: x + 5, y },
      { x: x + 22, y },
      { x, y: y - 22 },
      { x, y: y - 5 },
      { x, y: y + 5 },
      { x, y: y + 22 },
    ],
    1.5,
  );
}

export function drawInk(context, matrix, { size, grid, origin, step, marks, picked, measured, cross }) {
  context.setTransform(size.ratio, 0, 0, size.ratio, 0, 0);
  context.clearRect(0, 0, size.width, size.height);
  if (grid) drawGrid(context, origin, step, size);
  if (measured) {
    const ends = [measured.from, measured.to ?? measured.from].map((end) => apply(matrix, end));
    line(context, ends, 2);
    for (const { x, y } of ends) {
      line(context, [
        { x: x - 5, y: y - 5 },
        { x: x + 5, y: y + 5 },
        { x: x - 5, y: y + 5 },
        { x: x + 5, y: y - 5 },
      ]);
    }
  }
  for (const { number, spot } of marks) drawMark(context, apply(matrix, spot), number, number === picked);
  if (cross) drawCross(context, apply(matrix, cross));
}
