// The two panes: which part of which photo they show, and drawing them, once a frame at most.

import { drawInk, drawPicture } from "./drawing.js";
import { apply, findCorners, findBounds, findPlacement, findWorld } from "./geometry.js";
import { Photo } from "./photo.js";

const FACE_SHARE = 1.45;
const [LEAST, MOST] = [0.02, 40];

export class Stage {
  constructor(root, view, marks) {
    this.root = root;
    this.view = view;
    this.marks = marks;
    this.pair = {};
    this.panes = {};
    this.picked = null;
    this.pending = null;
    this.focused = null;
    this.swapped = false;
    this.listeners = [];
    for (const figure of root.querySelectorAll("[data-photo]")) {
      const photo = new Photo(figure);
      const glass = figure.querySelector("[data-glass]");
      const [picture, ink] = glass.querySelectorAll("canvas");
      this.pair[photo.key] = photo;
      this.panes[photo.key] = { figure, glass, picture, ink, size: { width: 0, height: 0, ratio: 1 } };
      this.panes[photo.key].contexts = [picture.getContext("2d"), ink.getContext("2d")];
      new ResizeObserver(() => this.#resize(photo.key)).observe(glass);
    }
    this.ground = getComputedStyle(root).getPropertyValue("--surround").trim() || "#777";
    this.handle = root.querySelector(".handle");
  }

  get keys() {
    return Object.keys(this.pair);
  }

  set(key) {
    return this.view.photos[key];
  }

  // The photos that a movement of this one moves.
  linked(key) {
    return this.view.linked ? this.keys : [key];
  }

  onDraw(listener) {
    this.listeners.push(listener);
  }

  placement(key) {
    return findPlacement(this.pair[key], this.pair, this.view, this.panes[key].size);
  }

  toPhoto(key, point) {
    return apply(this.placement(key).inverse(), point);
  }

  toPane(key, spot) {
    return apply(this.placement(key), spot);
  }

  // Screen pixels (of the page, not of the device) that a photo pixel takes.
  scale(key) {
    const { a, b } = this.placement(key);
    return Math.hypot(a, b);
  }

  panBy(key, x, y) {
    for (const other of this.linked(key)) {
      const set = this.set(other);
      set.x -= x / set.zoom;
      set.y -= y / set.zoom;
    }
    this.#moved();
  }

  zoomAt(key, { x, y }, factor) {
    const { size } = this.panes[key];
    const [across, down] = [x - size.width / 2, y - size.height / 2];
    for (const other of this.linked(key)) {
      const set = this.set(other);
      const zoom = Math.min(MOST, Math.max(LEAST, set.zoom * factor));
      set.x += across / set.zoom - across / zoom;
      set.y += down / set.zoom - down / zoom;
      set.zoom = zoom;
    }
    this.#moved();
  }

  fit(whole = false) {
    const boxes = this.keys.map((key) => this.#findBox(key, whole));
    const shared = this.view.aligned ? { ...findBounds(boxes.flat()) } : null;
    this.keys.forEach((key, at) => {
      const { left, right, top, bottom } = shared ?? findBounds(boxes[at]);
      const { width, height } = this.panes[key].size;
      const zoom = Math.min(width / (right - left), height / (bottom - top)) * (whole ? 0.98 : FACE_SHARE);
      const set = this.set(key);
      set.zoom = Math.min(MOST, Math.max(LEAST, zoom || 1));
      set.x = (left + right) / 2;
      set.y = (top + bottom) / 2;
    });
    this.view.set = whole;
    this.schedule();
  }

  actual(key) {
    const ratio = this.panes[key].size.ratio;
    const factor = 1 / ratio / this.scale(key);
    const { width, height } = this.panes[key].size;
    this.zoomAt(key, { x: width / 2, y: height / 2 }, factor);
  }

  #findBox(key, whole) {
    const photo = this.pair[key];
    const world = findWorld(photo, this.pair, this.view);
    const part = whole ? { left: 0, top: 0, width: photo.width, height: photo.height } : photo.region;
    const middle = apply(world, { x: part.left + part.width / 2, y: part.top + part.height / 2 });
    const scale = Math.hypot(world.a, world.b);
    const [width, height] = [part.width * scale, part.height * scale];
    return findCorners(middle.x - width / 2, middle.y - height / 2, width, height);
  }

  // A view that was never moved fits itself into a pane that changes; one that was keeps its middle.
  #moved() {
    this.view.set = true;
    this.schedule();
  }

  #resize(key) {
    const pane = this.panes[key];
    const ratio = Math.min(2, devicePixelRatio || 1);
    const { clientWidth: width, clientHeight: height } = pane.glass;
    pane.size = { width, height, ratio };
    for (const canvas of [pane.picture, pane.ink]) {
      canvas.width = Math.max(1, Math.round(width * ratio));
      canvas.height = Math.max(1, Math.round(height * ratio));
    }
    if (!this.view.set) this.fit();
    // a canvas that was resized is empty until it is drawn
    this.draw();
  }

  schedule() {
    this.waiting ??= requestAnimationFrame(() => this.draw());
  }

  draw() {
    cancelAnimationFrame(this.waiting);
    this.waiting = undefined;
    for (const key of this.keys) this.#drawPane(key);
    this.#arrange();
    for (const listener of this.listeners) listener();
  }

  #drawPane(key) {
    const { view } = this;
    const { size, contexts } = this.panes[key];
    if (!size.width) return;
    const [picture, ink] = contexts;
    const photo = this.pair[key];
    const matrix = this.placement(key);
    drawPicture(picture, photo, matrix, {
      size,
      settings: this.set(key),
      edges: view.edges,
      ground: view.mode === "overlay" && key === "reference" ? null : this.ground,
    });
    this.#seeFar(photo, matrix, size);
    const spots = view.marked ? this.marks.numbers.map((number) => ({ number, spot: this.marks.find(number, key) })) : [];
    drawInk(ink, matrix, {
      size,
      grid: view.grid && (view.mode === "side" || key === "probe"),
      origin: apply(matrix, photo.middle),
      step: (this.scale(key) * photo.distance) / 4,
      marks: spots.filter(({ spot }) => spot),
      picked: this.picked?.photo === key ? this.picked.number : null,
      measured: this.pending?.photo === key ? { from: this.pending.from, to: this.set(key).cross } : this.set(key).measure,
      cross: this.focused === key ? this.set(key).cross : null,
    });
  }

  // The whole photo is only fetched when something beyond the face is looked at.
  #seeFar(photo, matrix, { width, height }) {
    if (photo.farAsked || !photo.levels.length) return;
    const inverse = matrix.inverse();
    const seen = findBounds(findCorners(0, 0, width, height).map((corner) => apply(inverse, corner)));
    const { left, top, width: wide, height: high } = photo.region;
    const beyond =
      (left > 0 && seen.left < left) ||
      (top > 0 && seen.top < top) ||
      (left + wide < photo.width && seen.right > left + wide) ||
      (top + high < photo.height && seen.bottom > top + high);
    if (!beyond) return;
    photo.farAsked = true;
    photo.loadFar().then(
      () => this.schedule(),
      () => this.onFailure?.(),
    );
  }

  #arrange() {
    const { mode, wipe, down, opacity } = this.view;
    const { picture, ink } = this.panes.reference;
    const gone = mode === "blink" && !this.swapped;
    for (const canvas of [picture, ink]) {
      canvas.style.clipPath = mode !== "wipe" ? "" : down ? `inset(${wipe}% 0 0 0)` : `inset(0 0 0 ${wipe}%)`;
      canvas.style.visibility = gone ? "hidden" : "";
    }
    this.panes.probe.ink.style.visibility = mode === "blink" && this.swapped ? "hidden" : "";
    picture.style.opacity = mode === "overlay" ? opacity / 100 : "";
    this.handle.hidden = mode !== "wipe";
    const { width, height } = this.panes.probe.size;
    this.handle.classList.toggle("down", down);
    this.handle.style.transform = down ? `translateY(${(wipe / 100) * height}px)` : `translateX(${(wipe / 100) * width}px)`;
  }
}
