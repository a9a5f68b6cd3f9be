// Choosing what is kept: by dragging over the picture, or by numbers, which are the same rectangle.

const SMALLEST = 16;

export class Cropping {
  constructor(root, onChange) {
    this.stage = root.querySelector("[data-stage]");
    this.overlay = root.querySelector("[data-overlay]");
    this.rect = root.querySelector("[data-crop]");
    this.shade = root.querySelector("[data-shade]");
    this.fields = Object.fromEntries([...root.querySelectorAll("[data-crop-field]")].map((one) => [one.dataset.cropField, one]));
    this.size = { width: 1, height: 1 };
    for (const field of Object.values(this.fields)) field.addEventListener("input", () => this.draw());
    this.stage.addEventListener("pointerdown", (event) => this.begin(event));
    this.stage.addEventListener("dragstart", (event) => event.preventDefault());
    this.onChange = onChange;
  }

  // the photo has another size now: whatever was marked is gone
  reset(width, height) {
    this.size = { width, height };
    this.overlay.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.fields.left.max = this.fields.width.max = width;
    this.fields.top.max = this.fields.height.max = height;
    this.write({ left: 0, top: 0, width, height });
  }

  read() {
    const numbers = Object.fromEntries(Object.entries(this.fields).map(([key, field]) => [key, Math.round(field.valueAsNumber)]));
    return Object.values(numbers).every(Number.isFinite) ? numbers : null;
  }

  get isWhole() {
    const found = this.read();
    return !found || (found.left === 0 && found.top === 0 && found.width === this.size.width && found.height === this.size.height);
  }

  write(found) {
    for (const [key, field] of Object.entries(this.fields)) field.value = found[key];
    this.draw();
  }

  draw() {
    const found = this.read();
    const { width, height } = this.size;
    if (!found || this.isWhole) {
      this.shade.setAttribute("d", "");
      this.rect.setAttribute("width", 0);
      this.rect.setAttribute("height", 0);
      return;
    }
    for (const [name, value] of Object.entries({ x: found.left, y: found.top, width: found.width, height: found.height })) {
      this.rect.setAttribute(name, Math.max(0, value));
    }
    const hole = `M${found.left} ${found.top}h${found.width}v${found.height}h${-found.width}z`;
    this.shade.setAttribute("d", `M0 0H${width}V${height}H0z${hole}`);
  }

  begin(event) {
    if (event.button !== 0 || (event.pointerType === "touch" && !("drag" in this.stage.dataset))) return;
    const from = this.locate(event);
    this.stage.setPointerCapture(event.pointerId);
    const move = (moved) => {
      const to = this.locate(moved);
      const left = Math.floor(Math.min(from.x, to.x));
      const top = Math.floor(Math.min(from.y, to.y));
      this.write({ left, top, width: Math.ceil(Math.max(from.x, to.x)) - left, height: Math.ceil(Math.max(from.y, to.y)) - top });
    };
    const end = () => {
      this.stage.removeEventListener("pointermove", move);
      const found = this.read();
      // a click marks nothing
      if (!found || found.width < SMALLEST || found.height < SMALLEST) this.reset(this.size.width, this.size.height);
      this.onChange();
    };
    this.stage.addEventListener("pointermove", move);
    this.stage.addEventListener("pointerup", end, { once: true });
    this.stage.addEventListener("pointercancel", end, { once: true });
  }

  locate(event) {
    const box = this.stage.getBoundingClientRect();
    const clamp = (value, most) => Math.min(most, Math.max(0, value));
    return {
      x: clamp(((event.clientX - box.left) / box.width) * this.size.width, this.size.width),
      y: clamp(((event.clientY - box.top) / box.height) * this.size.height, this.size.height),
    };
  }
}
