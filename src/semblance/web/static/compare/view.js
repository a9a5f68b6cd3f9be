// How the photos are set up on the page. It is kept with the draft, and nothing is concluded from it.

const PHOTO = { x: 0, y: 0, zoom: 1, turn: 0, mirror: false, exposure: 0, contrast: 0, measure: null, cross: null };

const VIEW = {
  mode: "side",
  aligned: true,
  level: true,
  linked: true,
  grid: false,
  edges: false,
  marked: true,
  active: "probe",
  wipe: 50,
  down: false,
  opacity: 50,
  interval: 800,
  letters: true,
  set: false,
  notes: {},
};

const LENGTH_CAP = 4000;

function take(defaults, given) {
  const taken = { ...defaults };
  for (const [key, value] of Object.entries(defaults)) {
    const found = given?.[key];
    if (value === null ? typeof found === "object" : typeof found === typeof value) taken[key] = found ?? value;
  }
  return taken;
}

// What was kept, or the defaults in the place of everything that is missing or of another kind.
export function openView(text) {
  let given = {};
  try {
    given = JSON.parse(text || "{}");
  } catch {
    // a view that cannot be read costs an arrangement, no finding
  }
  const view = take(VIEW, given);
  view.photos = { probe: take(PHOTO, given?.photos?.probe), reference: take(PHOTO, given?.photos?.reference) };
  view.interval = Math.max(350, view.interval);
  return view;
}

export function writeView(view) {
  const write = (what) =>
    JSON.stringify(what, (_, value) => (typeof value === "number" ? Math.round(value * 1e4) / 1e4 : value));
  const text = write(view);
  return text.length <= LENGTH_CAP ? text : write({ ...view, notes: {} });
}
