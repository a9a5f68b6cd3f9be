// Parts of the page fetched anew, without losing the place: while following goes on, and when another track is chosen.

const EVERY = 3_000;
// whoever left the machine is signed out as on any other page: nobody's looking keeps no session open
const ATTENTION = 10 * 60_000;

let touched = Date.now();
for (const name of ["pointermove", "keydown", "scroll"]) {
  window.addEventListener(name, () => (touched = Date.now()), { passive: true });
}

// Returns whether anything of those parts, named by their ids, is another than before.
export async function swap(address, names) {
  const answer = await fetch(address, { headers: { accept: "text/html" } });
  if (!answer.ok) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  let changed = false;
  for (const name of names) {
    const [old, fresh] = [document.getElementById(name), page.getElementById(name)];
    if (!old || !fresh || old.outerHTML === fresh.outerHTML) continue;
    changed = true;
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const scrolled = old.querySelector("[data-rows]")?.scrollTop ?? 0;
    old.replaceWith(document.adoptNode(fresh));
    const rows = fresh.querySelector("[data-rows]");
    if (rows) rows.scrollTop = scrolled;
    if (focused === old) fresh.focus({ preventScroll: true });
    else if (focused?.id) document.getElementById(focused.id)?.focus({ preventScroll: true });
  }
  return changed;
}

export function keepFresh(names, address, changed) {
  const state = () => document.getElementById("state");
  async function look() {
    if (!("moving" in state().dataset) || Date.now() - touched > ATTENTION) return;
    try {
      if (!document.hidden && (await swap(address(), names))) changed();
    } catch {
      // the node is being started anew, perhaps; the next look tells
    }
    setTimeout(look, EVERY);
  }
  setTimeout(look, EVERY);
}
