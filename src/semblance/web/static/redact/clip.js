// Watching a covered clip: confirming waits until all of it was played, and a box is drawn over the picture where
// somebody is still seen. Without this file the box is written in numbers, and nobody checks that all was played.

const SMALLEST = 4;
const AROUND = 1;
// players skip the last pictures of a clip, and leave gaps of a frame where they were stopped
const SLACK = 0.3;

function measurePlayed(film) {
  let sum = 0;
  for (let part = 0; part < film.played.length; part++) sum += film.played.end(part) - film.played.start(part);
  return sum;
}

function follow() {
  const film = document.querySelector("[data-film] video");
  if (!film || "followed" in film.dataset) return;
  film.dataset.followed = "";
  const box = document.querySelector("[data-watched]");
  const hint = document.querySelector("[data-unwatched]");
  const look = () => {
    const all = Number.isFinite(film.duration) && measurePlayed(film) >= film.duration - SLACK;
    if (all) box.disabled = false;
    hint.hidden = !box.disabled;
  };
  box.disabled = true;
  for (const name of ["timeupdate", "ended", "pause", "loadedmetadata"]) film.addEventListener(name, look);
  look();
  mark(film);
}

function mark(film) {
  const stage = film.closest("[data-film]");
  const button = document.querySelector("[data-mark]");
  const fields = Object.fromEntries(["left", "top", "width", "height", "first", "last"].map((name) => [name, document.getElementById(`box-${name}`)]));
  const sheet = document.createElement("div");
  sheet.className = "redact-sheet";
  sheet.hidden = true;
  stage.append(sheet);
  button.hidden = false;
  button.addEventListener("click", () => {
    film.pause();
    sheet.hidden = !sheet.hidden;
    button.setAttribute("aria-pressed", String(!sheet.hidden));
    if (!sheet.hidden) stage.scrollIntoView({ block: "nearest" });
  });
  sheet.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    sheet.setPointerCapture(event.pointerId);
    sheet.replaceChildren();
    const drawn = document.createElement("div");
    sheet.append(drawn);
    const area = sheet.getBoundingClientRect();
    const locate = (at) => ({ x: Math.min(area.width, Math.max(0, at.clientX - area.left)), y: Math.min(area.height, Math.max(0, at.clientY - area.top)) });
    const from = locate(event);
    const move = (moved) => {
      const to = locate(moved);
      const [left, top, width, height] = [Math.min(from.x, to.x), Math.min(from.y, to.y), Math.abs(to.x - from.x), Math.abs(to.y - from.y)];
      Object.assign(drawn.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
      return [left, top, width, height];
    };
    const end = (ended) => {
      sheet.removeEventListener("pointermove", move);
      const scale = film.videoWidth / area.width;
      const [left, top, width, height] = move(ended).map((length) => Math.round(length * scale));
      if (width < SMALLEST || height < SMALLEST) return;
      Object.entries({ left, top, width, height }).forEach(([name, value]) => (fields[name].value = value));
      const now = Number(film.dataset.begins) + film.currentTime;
      fields.first.value = (now - AROUND).toFixed(2);
      fields.last.value = (now + AROUND).toFixed(2);
    };
    sheet.addEventListener("pointermove", move);
    sheet.addEventListener("pointerup", end, { once: true });
  });
}

follow();
// what a job's page fetches anew replaces everything
new MutationObserver(follow).observe(document.querySelector("main"), { childList: true, subtree: true });
