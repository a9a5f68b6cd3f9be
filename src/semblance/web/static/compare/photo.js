// One of the two photos: its measures, and its pixels in several sizes, so that drawing it small costs little.

import { applyCurve, makeCurve } from "./adjust.js";
import { findEdges } from "./edges.js";

const SMALLEST = 160;
const EDGE_WIDTH = 1100;

function halve(source) {
  const half = new OffscreenCanvas(Math.max(1, source.width >> 1), Math.max(1, source.height >> 1));
  const context = half.getContext("2d", { alpha: false });
  context.imageSmoothingQuality = "low";
  context.drawImage(source, 0, 0, half.width, half.height);
  return half;
}

function copy(source) {
  const canvas = new OffscreenCanvas(source.width, source.height);
  const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
  context.drawImage(source, 0, 0);
  return { canvas, context };
}

function change(source, edit) {
  const { canvas, context } = copy(source);
  context.putImageData(edit(context.getImageData(0, 0, canvas.width, canvas.height)), 0, 0);
  return canvas;
}

export class Photo {
  constructor(figure) {
    const [left, top, width, height] = figure.dataset.region.split(" ").map(Number);
    const [ax, ay, bx, by] = figure.dataset.eyes.split(" ").map(Number);
    this.key = figure.dataset.photo;
    this.width = Number(figure.dataset.width);
    this.height = Number(figure.dataset.height);
    this.region = { left, top, width, height };
    this.middle = { x: (ax + bx) / 2, y: (ay + by) / 2 };
    this.distance = Math.hypot(bx - ax, by - ay) || 1;
    this.roll = (Math.atan2(by - ay, bx - ax) * 180) / Math.PI;
    this.levels = [];
    this.far = null;
    this.farHref = figure.dataset.far;
    this.image = figure.querySelector("img");
    this.changed = new Map();
    this.look = "";
  }

  async load() {
    await this.image.decode();
    this.levels = [await createImageBitmap(this.image)];
    this.#fillLevels();
  }

  async loadFar() {
    const image = new Image();
    image.src = this.farHref;
    await image.decode();
    this.far = await createImageBitmap(image);
  }

  #fillLevels() {
    for (let last = this.levels[0]; Math.min(last.width, last.height) > 2 * SMALLEST; ) {
      last = halve(last);
      this.levels.push(last);
    }
  }

  // The pixels of the region that fit a scale (screen pixels a photo pixel) as they are set; far: the whole photo.
  find(scale, { exposure, contrast }, edges) {
    const look = `${exposure} ${contrast}`;
    if (look !== this.look) {
      this.look = look;
      this.changed.clear();
    }
    if (edges) return this.#findEdges();
    const wanted = this.region.width * scale;
    let level = this.levels[0];
    for (const smaller of this.levels) if (smaller.width >= wanted) level = smaller;
    return this.#show(level, exposure, contrast);
  }

  findFar({ exposure, contrast }) {
    return this.far && this.#show(this.far, exposure, contrast);
  }

  #show(level, exposure, contrast) {
    if (!exposure && !contrast) return level;
    if (!this.changed.has(level)) {
      const curve = makeCurve(exposure, contrast);
      this.changed.set(level, change(level, (image) => applyCurve(image, curve)));
    }
    return this.changed.get(level);
  }

  #findEdges() {
    if (!this.edges) {
      const level = this.levels.find((candidate) => candidate.width <= EDGE_WIDTH) ?? this.levels.at(-1);
      this.edges = change(level, findEdges);
    }
    return this.edges;
  }
}
