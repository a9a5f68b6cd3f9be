// Keys of the viewer. They are listened to only where the focus is in it, so that no other part of the page loses them.

const OWN = "select, input, textarea";

export function listenToKeys(viewer, player) {
  const acts = {
    ArrowLeft: (event) => (event.shiftKey ? player.stepSeconds(-1) : player.step(-1)),
    ArrowRight: (event) => (event.shiftKey ? player.stepSeconds(1) : player.step(1)),
    Home: () => player.toFirst(),
    End: () => player.toLast(),
    " ": () => player.toggle(),
    "[": () => player.stepSpeed(-1),
    "]": () => player.stepSpeed(1),
  };
  viewer.addEventListener("keydown", (event) => {
    // where [ and ] are typed with AltGr, Ctrl and Alt count as pressed
    const typed = event.getModifierState("AltGraph");
    if (event.defaultPrevented || event.target.closest(OWN) || ((event.ctrlKey || event.metaKey || event.altKey) && !typed)) return;
    // a button is pressed by the space bar
    if (event.key === " " && event.target.closest("button, a, summary")) return;
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act(event);
  });
}
