// The picture, with the boxes of all tracks and their numbers; the chosen one stands out.

const PLAIN = "#ffffff";
const CHOSEN = "#ffd23f";
const DARK = "#1a1e23";

export class Stage {
  constructor(canvas, { picked }) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false });
    this.frame = null;
    this.bitmap = null;
    this.chosen = null;
    this.boxed = true;
    canvas.addEventListener("click", (event) => {
      const found = this.#hit(event);
      if (found !== null) picked(found);
    });
    new ResizeObserver(() => this.draw()).observe(canvas);
  }

  async show(frame) {
    const bitmap = await createImageBitmap(frame.jpeg);
    this.bitmap?.close();
    this.bitmap = bitmap;
    this.frame = frame;
    this.draw();
  }

  draw() {
    const { canvas, context, bitmap, frame } = this;
    if (!bitmap) return;
    const wide = Math.max(1, Math.round(canvas.clientWidth * window.devicePixelRatio));
    const high = Math.max(1, Math.round(canvas.clientHeight * window.devicePixelRatio));
    if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
    const { scale, left, top } = this.#fit();
    context.fillStyle = "#000000";
    context.fillRect(0, 0, wide, high);
    context.drawImage(bitmap, left, top, bitmap.width * scale, bitmap.height * scale);
    if (!this.boxed) return;
    const ordered = [...frame.boxes].sort((one, other) => (one.track === this.chosen) - (other.track === this.chosen));
    for (const box of ordered) this.#outline(box, scale, left, top);
  }

  #fit() {
    const { canvas, bitmap } = this;
    const scale = Math.min(canvas.width / bitmap.width, canvas.height / bitmap.height);
    return { scale, left: (canvas.width - bitmap.width * scale) / 2, top: (canvas.height - bitmap.height * scale) / 2 };
  }

  #outline(box, scale, left, top) {
    const { context } = this;
    const chosen = box.track === this.chosen;
    const unit = window.devicePixelRatio;
    const [x, y] = [left + box.left * scale, top + box.top * scale];
    const [width, height] = [(box.right - box.left) * scale, (box.bottom - box.top) * scale];
    // between the frames that were looked at a box is where the face should be
    context.setLineDash(box.seen ? [] : [6 * unit, 4 * unit]);
    for (const [colour, line] of [["rgb(0 0 0 / 0.55)", (chosen ? 7 : 4) * unit], [chosen ? CHOSEN : PLAIN, (chosen ? 4 : 2) * unit]]) {
      context.strokeStyle = colour;
      context.lineWidth = line;
      context.strokeRect(x, y, width, height);
    }
    context.setLineDash([]);
    context.font = `650 ${13 * unit}px system-ui, sans-serif`;
    const text = String(box.track);
    const [tab, high] = [context.measureText(text).width + 10 * unit, 19 * unit];
    const over = y - high >= 0 ? y - high : y;
    context.fillStyle = chosen ? CHOSEN : DARK;
    context.fillRect(x - unit, over, tab, high);
    context.fillStyle = chosen ? DARK : PLAIN;
    context.textBaseline = "middle";
    context.fillText(text, x - unit + 5 * unit, over + high / 2);
  }

  #hit(event) {
    if (!this.bitmap) return null;
    const { scale, left, top } = this.#fit();
    const unit = window.devicePixelRatio;
    const [x, y] = [(event.offsetX * unit - left) / scale, (event.offsetY * unit - top) / scale];
    const under = this.frame.boxes.filter((box) => x >= box.left && x <= box.right && y >= box.top && y <= box.bottom);
    // of boxes that lie in one another the smallest is meant
    const area = (box) => (box.right - box.left) * (box.bottom - box.top);
    return under.sort((one, other) => area(one) - area(other))[0]?.track ?? null;
  }
}
