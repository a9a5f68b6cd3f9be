// Shows every few seconds how far jobs are, while one of them goes on. Without this file the page is loaded again by hand.

const EVERY = 3_000;
// whoever left the machine is signed out as on any other page: nobody's looking keeps no session open
const ATTENTION = 10 * 60_000;

let touched = Date.now();
for (const name of ["pointermove", "keydown", "scroll"]) {
  window.addEventListener(name, () => (touched = Date.now()), { passive: true });
}

async function look() {
  const shown = document.getElementById("jobs");
  if (!("moving" in shown.dataset) || Date.now() - touched > ATTENTION) return;
  if (!document.hidden) await refresh(shown);
  setTimeout(look, EVERY);
}

async function refresh(shown) {
  try {
    const answer = await fetch(shown.dataset.here, { headers: { accept: "text/html" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("jobs");
    if (fresh === null || fresh.innerHTML === shown.innerHTML) return;
    const focused = shown.contains(document.activeElement) ? document.activeElement : null;
    shown.replaceWith(document.adoptNode(fresh));
    if (focused?.id) document.getElementById(focused.id)?.focus();
    else if (focused?.href) fresh.querySelector(`a[href="${focused.getAttribute("href")}"]`)?.focus();
  } catch {
    // the node is being started anew, perhaps; the next look tells
  }
}

setTimeout(look, EVERY);
