// The two panes: their sizes, and one painting for each frame in which something changed.

import { clear, drawCross, drawGrid, drawMarks, drawMeasure, paintPhoto } from "./drawing.js";
import { apply, findPlacement } from "./geometry.js";

const MOST_PIXELS = 1_600_000;

export class Stage {
  constructor(root, pair, view, marks) {
    Object.assign(this, { root, pair, view, marks });
    this.panes = {};
    for (const figure of root.querySelectorAll("[data-photo]")) {
      const glass = figure.querySelector("[data-glass]");
      this.panes[figure.dataset.photo] = {
        figure, glass,
        picture: glass.querySelector(".picture").getContext("2d"),
        ink: glass.querySelector(".ink").getContext("2d"),
        cross: null, size: { width: 1, height: 1 }, ratio: 1,
      };
    }
    this.handle = root.querySelector(".handle");
    this.asked = false;
    new ResizeObserver(() => this.measure()).observe(root.querySelector(".panes"));
    this.measure();
  }

  get single() {
    return this.view.mode !== "side";
  }

  // The photo that a pane stands for: in one pane with both photos, the one that is set.
  findSide(key) {
    return this.single ? this.view.active : key;
  }

  measure() {
    for (const pane of Object.values(this.panes)) {
      const { clientWidth: width, clientHeight: height } = pane.glass;
      if (!width || !height) continue;
      const ratio = Math.min(devicePixelRatio, Math.sqrt(MOST_PIXELS / (width * height)));
      pane.size = { width, height };
      pane.ratio = ratio;
      for (const context of [pane.picture, pane.ink]) {
        context.canvas.width = Math.round(width * ratio);
        context.canvas.height = Math.round(height * ratio);
      }
      pane.cross ??= { x: width / 2, y: height / 2 };
    }
    this.onMeasure?.();
    this.ask();
  }

  ask() {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => {
      this.asked = false;
      this.paint();
    });
  }

  paint() {
    const { view, pair } = this;
    this.root.querySelector(".panes").dataset.mode = view.mode;
    for (const [key, pane] of Object.entries(this.panes)) {
      if (this.single && key === "reference") continue;
      clear(pane.picture);
      if (this.single) this.paintBoth(pane);
      else paintPhoto(pane.picture, pair[key], pair, view, pane.size, pane.ratio);
      this.drawInk(key, pane);
    }
    this.handle.hidden = view.mode !== "wipe";
  }

  paintBoth(pane) {
    const { view, pair } = this;
    const { picture, size, ratio } = pane;
    if (view.mode === "blink") {
      paintPhoto(picture, pair[view.front], pair, view, size, ratio);
      return;
    }
    paintPhoto(picture, pair.probe, pair, view, size, ratio);
    picture.save();
    if (view.mode === "overlay") picture.globalAlpha = view.opacity / 100;
    else {
      picture.setTransform(1, 0, 0, 1, 0, 0);
      picture.beginPath();
      const { width, height } = picture.canvas;
      const at = view.wipe / 100;
      if (view.direction) picture.rect(0, height * at, width, height);
      else picture.rect(width * at, 0, width, height);
      picture.clip();
    }
    paintPhoto(picture, pair.reference, pair, view, size, ratio);
    picture.restore();
    this.handle.classList.toggle("down", view.direction);
    this.handle.style.setProperty(view.direction ? "top" : "left", `${view.wipe}%`);
    this.handle.style.removeProperty(view.direction ? "left" : "top");
  }

  drawInk(key, pane) {
    const { view, pair } = this;
    const photo = pair[this.findSide(key)];
    clear(pane.ink);
    pane.ink.setTransform(pane.ratio, 0, 0, pane.ratio, 0, 0);
    if (view.grid) drawGrid(pane.ink, photo, pair, view, pane.size);
    if (view.marks) drawMarks(pane.ink, this.marks.list, photo, pair, view, pane.size, this.marks.picked);
    drawMeasure(pane.ink, view.measures[photo.key], photo, pair, view, pane.size);
    if (document.activeElement === pane.glass) drawCross(pane.ink, pane.cross);
  }

  // From CSS pixels of a pane to pixels of the photo that it stands for.
  locate(key, at) {
    const photo = this.pair[this.findSide(key)];
    return apply(findPlacement(photo, this.pair, this.view, this.panes[key].size).inverse(), at);
  }

  place(key, spot) {
    const photo = this.pair[this.findSide(key)];
    return apply(findPlacement(photo, this.pair, this.view, this.panes[key].size), spot);
  }
}
