// Where a photo's pixels lie in its pane. World: the plane in which both photos lie, (0, 0) between the eyes.

export function findBase(photo, pair, view) {
  if (!view.aligned) return { scale: 1, turn: 0 };
  const goal = view.level ? 0 : pair.probe.roll;
  return { scale: pair.probe.distance / photo.distance, turn: goal - photo.roll };
}

export function findWorld(photo, pair, view) {
  const { scale, turn } = findBase(photo, pair, view);
  const set = view.photos[photo.key];
  return new DOMMatrix()
    .rotateSelf(set.turn)
    .scaleSelf(set.mirror ? -1 : 1, 1)
    .rotateSelf(turn)
    .scaleSelf(scale)
    .translateSelf(-photo.middle.x, -photo.middle.y);
}

// From photo pixels to CSS pixels of the pane.
export function findPlacement(photo, pair, view, size) {
  const set = view.photos[photo.key];
  return new DOMMatrix()
    .translateSelf(size.width / 2, size.height / 2)
    .scaleSelf(set.zoom)
    .translateSelf(-set.x, -set.y)
    .multiplySelf(findWorld(photo, pair, view));
}

export function apply(matrix, { x, y }) {
  return { x: matrix.a * x + matrix.c * y + matrix.e, y: matrix.b * x + matrix.d * y + matrix.f };
}

export function findBounds(points) {
  const xs = points.map((point) => point.x);
  const ys = points.map((point) => point.y);
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}

export function findCorners(left, top, width, height) {
  return [
    { x: left, y: top },
    { x: left + width, y: top },
    { x: left + width, y: top + height },
    { x: left, y: top + height },
  ];
}

// The length of a measure in photo pixels, as a share of the distance between the eyes, and its angle to their line.
export function measure(photo, { from, to }) {
  const [x, y] = [to.x - from.x, to.y - from.y];
  const pixels = Math.hypot(x, y);
  let angle = pixels ? (Math.atan2(y, x) * 180) / Math.PI - photo.roll : 0;
  angle = ((((angle + 90) % 180) + 180) % 180) - 90;
  return { pixels, share: pixels / photo.distance, angle: -angle };
}
