// How the examiner has set up the two photos; nothing is concluded from it.

const SET = { zoom: 1, x: 0, y: 0, turn: 0, mirror: false, exposure: 0, contrast: 0 };

export function makeView(saved) {
  const view = {
    mode: "side", wipe: 50, direction: false, interval: 800, paused: false, front: "probe", opacity: 50,
    aligned: true, level: true, linked: true, grid: false, edges: false, marks: true, pointer: "move",
    active: "probe", measures: {}, photos: { probe: { ...SET }, reference: { ...SET } },
  };
  try {
    const found = JSON.parse(saved || "{}");
    for (const key of Object.keys(view)) {
      if (key === "photos") {
        for (const side of ["probe", "reference"]) Object.assign(view.photos[side], found.photos?.[side]);
      } else if (typeof found[key] === typeof view[key]) view[key] = found[key];
    }
    view.fitted = Boolean(found.photos);
  } catch {
    view.fitted = false;
  }
  return view;
}

export function writeView(view) {
  const { fitted, ...kept } = view;
  const round = (_, value) => (typeof value === "number" ? Math.round(value * 1000) / 1000 : value);
  return JSON.stringify(kept, round);
}

export function resetLook(view, side) {
  const { zoom, x, y } = view.photos[side];
  Object.assign(view.photos[side], SET, { zoom, x, y });
}

// Both photos that a change is made to: the one in hand, and the other where they are linked.
export function findMoved(view, side) {
  return view.linked || view.mode !== "side" ? ["probe", "reference"] : [side];
}

export function fit(view, pair, size, share = 0.27) {
  for (const side of ["probe", "reference"]) {
    const distance = view.aligned ? pair.probe.distance : pair[side].distance;
    const zoom = Math.min((size.width * share) / distance, (size.height * share) / distance);
    Object.assign(view.photos[side], { zoom, x: 0, y: distance * 0.45 });
  }
}

export function showWhole(view, pair, size) {
  for (const side of ["probe", "reference"]) {
    const photo = pair[side];
    const scale = view.aligned ? pair.probe.distance / photo.distance : 1;
    const zoom = Math.min(size.width / (photo.width * scale), size.height / (photo.height * scale));
    const x = (photo.width / 2 - photo.middle.x) * scale;
    const y = (photo.height / 2 - photo.middle.y) * scale;
    Object.assign(view.photos[side], { zoom, x, y });
  }
}

export function zoomBy(view, side, factor, at = { x: 0, y: 0 }) {
  for (const key of findMoved(view, side)) {
    const set = view.photos[key];
    const zoom = Math.min(80, Math.max(0.01, set.zoom * factor));
    // what lies under the pointer stays there
    set.x += at.x / set.zoom - at.x / zoom;
    set.y += at.y / set.zoom - at.y / zoom;
    set.zoom = zoom;
  }
}

export function panBy(view, side, dx, dy) {
  for (const key of findMoved(view, side)) {
    const set = view.photos[key];
    set.x -= dx / set.zoom;
    set.y -= dy / set.zoom;
  }
}
