// The viewer, the time line and the chosen track. Without this file tracks are chosen, looked at and picked by links.

import { say } from "../say.js";
import { listenToKeys } from "./keys.js";
import { Player, SPEEDS } from "./player.js";
import { keepFresh, swap } from "./refresh.js";
import { Reel } from "./reel.js";
import { Stage } from "./stage.js";
import { writeTime } from "./time.js";

const viewer = document.getElementById("viewer");
const part = (name) => viewer.querySelector(`[data-${name}]`);
const screen = part("screen");
const canvas = part("canvas");
const speeds = part("speed");
// from when to when the time line goes; what is known of it may change while following goes on
const line = () => {
  const { start, end } = document.getElementById("tracks").dataset;
  return { start: Number(start), length: Math.max(Number(end) - Number(start), 1e-6), end: Number(end) };
};
const asked = viewer.dataset.at;

const reel = new Reel(viewer.dataset.place, line().end);
const stage = new Stage(canvas, { picked: choose });
const player = new Player(reel, { shown, changed, failed });

const chosen = () => document.getElementById("chosen");
// before faces were looked for nobody can say that there are none
const nobody = () => (document.querySelector("[data-rows]") ? say(viewer, "nobody") : "–");
const number = () => Number(chosen().dataset.chosen ?? Number.NaN);

async function shown(frame) {
  canvas.style.aspectRatio = `${frame.width} / ${frame.height}`;
  await stage.show(frame);
  part("waiting").hidden = true;
  part("trouble").hidden = true;
  part("time").textContent = writeTime(frame.seconds);
  part("name").textContent = frame.name;
  moveCursor();
  if (player.playing) return;
  sayInSight();
  const tracks = frame.boxes.map(({ track }) => say(viewer, "track", { number: track }));
  const words = `${say(viewer, "shown", { time: writeTime(frame.seconds) })}: ${tracks.join(", ") || nobody()}`;
  canvas.setAttribute("aria-label", words);
  part("status").textContent = words;
}

function sayInSight() {
  const buttons = (player.frame?.boxes ?? []).map(({ track }) => {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "plain slim", textContent: track });
    button.setAttribute("aria-label", say(viewer, "track", { number: track }));
    button.setAttribute("aria-pressed", String(track === number()));
    button.addEventListener("click", () => choose(track));
    return button;
  });
  part("sight").replaceChildren(...(buttons.length ? buttons : [nobody()]));
}

function changed() {
  part("playing").textContent = say(viewer, player.playing ? "pause" : "play");
  part("waiting").hidden = !player.waiting;
  if (speeds.value !== String(player.speed)) {
    speeds.value = String(player.speed);
    part("status").textContent = say(viewer, "speed", { speed: player.speed });
  }
  if (!player.playing) sayInSight();
}

function failed(error) {
  const trouble = part("trouble");
  const words = document.createElement("span");
  // what the node answers to programs is English
  words.lang = "en";
  words.textContent = error.message;
  trouble.replaceChildren(say(viewer, "failed"), " ", words);
  trouble.hidden = false;
  part("waiting").hidden = true;
}

// The line over the bars; where it lies follows from their own places, whatever the width of the page.
function moveCursor() {
  const rows = document.querySelector("[data-rows]");
  const bars = rows?.querySelector("[data-bars]");
  if (!bars || !player.frame) return;
  const cursor = rows.querySelector("[data-cursor]");
  const { start, length } = line();
  const share = Math.min(1, Math.max(0, (player.frame.seconds - start) / length));
  cursor.hidden = false;
  const [within, drawn] = [rows.getBoundingClientRect(), bars.getBoundingClientRect()];
  cursor.style.left = `${drawn.left - within.left - rows.clientLeft + share * drawn.width}px`;
  cursor.style.height = `${rows.querySelector("ol").offsetHeight}px`;
}

function alignAxis() {
  const rows = document.querySelector("[data-rows]");
  if (rows) document.getElementById("tracks").style.setProperty("--bar-room", `${rows.offsetWidth - rows.clientWidth}px`);
  moveCursor();
}

async function choose(track) {
  mark(track);
  const address = `${document.getElementById("state").dataset.here}?track=${track}`;
  history.replaceState(null, "", address);
  await swap(address, ["chosen"]);
  mark(number());
}

function mark(track) {
  for (const row of document.querySelectorAll("[data-track]")) {
    const is = Number(row.dataset.track) === track;
    row.classList.toggle("chosen", is);
    row.querySelector("a").toggleAttribute("aria-current", is);
    if (is) row.querySelector("a").setAttribute("aria-current", "true");
  }
  stage.chosen = track;
  stage.draw();
  if (!player.playing) sayInSight();
}

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  const link = event.target.closest("[data-choose], #chosen [data-at]");
  const bars = event.target.closest("[data-bars]");
  if (link) event.preventDefault();
  if (link?.dataset.choose) choose(Number(link.dataset.choose));
  else if (link) {
    player.jump(Number(link.dataset.at));
    screen.focus();
  } else if (bars) {
    const { left, width } = bars.getBoundingClientRect();
    const { start, length } = line();
    player.jump(start + ((event.clientX - left) / width) * length);
    screen.focus();
  }
});

const acts = { toFirst: () => player.toFirst(), back: () => player.step(-1), toggle: () => player.toggle(), on: () => player.step(1), toLast: () => player.toLast() };
for (const button of viewer.querySelectorAll("[data-act]")) button.addEventListener("click", acts[button.dataset.act]);
speeds.append(...SPEEDS.map((speed) => new Option(`${speed}×`, speed, speed === 1, speed === 1)));
speeds.addEventListener("change", () => player.setSpeed(Number(speeds.value)));
part("boxes").addEventListener("change", (event) => {
  stage.boxed = event.target.checked;
  stage.draw();
});
part("copy").addEventListener("click", async () => {
  const name = part("name");
  try {
    await navigator.clipboard.writeText(name.textContent);
    part("status").textContent = say(viewer, "copied");
  } catch {
    // without leave to write there the name is marked, so that keys copy it
    getSelection().selectAllChildren(name);
  }
});
listenToKeys(viewer, player);
new ResizeObserver(alignAxis).observe(document.querySelector(".following"));
stage.chosen = number();

function look() {
  // who is longest in sight changes while following goes on; the track that is looked at stays
  const { here } = document.getElementById("state").dataset;
  return chosen().dataset.chosen ? `${here}?track=${number()}` : here;
}

keepFresh(["state", "tracks", "chosen", "more"], look, () => {
  reel.last = line().end;
  mark(number());
  alignAxis();
  reel.forget();
  player.refresh();
});

try {
  const first = await reel.begin();
  if (first) {
    await player.open(first);
    const best = document.querySelector("#chosen [data-at]")?.dataset.at;
    const moment = asked ?? best;
    if (moment !== undefined) await player.jump(Number(moment));
  } else {
    part("waiting").textContent = say(viewer, "empty");
  }
} catch (error) {
  failed(error);
}
viewer.dataset.ready = "";
