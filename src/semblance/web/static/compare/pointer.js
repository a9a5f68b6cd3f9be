// Mouse, pen and fingers on the photos: drag, pinch, wheel, the divider, and the tool where nothing was dragged.

const STILL = 5;

export function listenToPointers(stage, hand, { activate, changed }) {
  const { root } = stage;
  const down = new Map();
  let gesture = null;

  function locate(event) {
    const { mode, wipe, down: upDown, active } = stage.view;
    let key = active;
    const over = event.target.closest("[data-photo]");
    if (mode === "side") key = over?.dataset.photo ?? active;
    const rect = stage.panes[key].glass.getBoundingClientRect();
    const point = { x: event.clientX - rect.left, y: event.clientY - rect.top };
    if (mode === "wipe") {
      const share = upDown ? point.y / rect.height : point.x / rect.width;
      key = share * 100 >= wipe ? "reference" : "probe";
    }
    if (mode === "blink") key = stage.swapped ? "reference" : "probe";
    return { key, point, rect };
  }

  function middle() {
    const points = [...down.values()];
    const x = points.reduce((sum, point) => sum + point.x, 0) / points.length;
    const y = points.reduce((sum, point) => sum + point.y, 0) / points.length;
    const spread = points.length > 1 ? Math.hypot(points[0].x - points[1].x, points[0].y - points[1].y) : 0;
    return { x, y, spread };
  }

  root.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest(".handle");
    if (!handle && !event.target.closest("[data-glass]")) return;
    if (event.button) return;
    event.preventDefault();
    if (!gesture) {
      const { key, point, rect } = locate(event);
      const number = handle ? null : hand.findMark(key, point);
      const kind = handle ? "wipe" : number && !hand.closed && !stage.picked ? "mark" : "pan";
      gesture = { kind, key, rect, number, moved: false, start: point };
      activate(key);
      stage.panes[key].glass.focus({ preventScroll: true });
    } else {
      gesture.moved = true;
      if (gesture.kind !== "wipe") gesture.kind = "pan";
    }
    root.setPointerCapture(event.pointerId);
    down.set(event.pointerId, { x: event.clientX - gesture.rect.left, y: event.clientY - gesture.rect.top });
    gesture.last = middle();
  });

  root.addEventListener("pointermove", (event) => {
    if (!gesture) {
      follow(event);
      return;
    }
    if (!down.has(event.pointerId)) return;
    const point = { x: event.clientX - gesture.rect.left, y: event.clientY - gesture.rect.top };
    down.set(event.pointerId, point);
    if (Math.hypot(point.x - gesture.start.x, point.y - gesture.start.y) > STILL) gesture.moved = true;
    if (!gesture.moved) return;
    if (gesture.kind === "wipe") {
      const share = stage.view.down ? point.y / gesture.rect.height : point.x / gesture.rect.width;
      stage.view.wipe = Math.min(100, Math.max(0, share * 100));
      stage.schedule();
    } else if (gesture.kind === "mark") {
      hand.move(gesture.key, gesture.number, point);
    } else {
      const now = middle();
      stage.panBy(gesture.key, now.x - gesture.last.x, now.y - gesture.last.y);
      if (now.spread && gesture.last.spread) stage.zoomAt(gesture.key, now, now.spread / gesture.last.spread);
      gesture.last = now;
    }
  });

  // the second end of a measure follows the mouse before it is set
  function follow(event) {
    if (!stage.pending || !event.target.closest?.("[data-glass]")) return;
    const { key, point } = locate(event);
    if (key !== stage.pending.photo) return;
    stage.set(key).cross = stage.toPhoto(key, point);
    stage.schedule();
  }

  function end(event) {
    if (!down.delete(event.pointerId) || !gesture) return;
    if (down.size) {
      gesture.last = middle();
      return;
    }
    const { kind, key, moved, start } = gesture;
    gesture = null;
    if (event.type === "pointercancel") return;
    if (moved || kind === "wipe") {
      changed("view");
      return;
    }
    stage.set(key).cross = stage.toPhoto(key, start);
    if (hand.tool !== "move" || kind === "mark" || stage.picked) hand.use(key, start);
    stage.schedule();
  }
  root.addEventListener("pointerup", end);
  root.addEventListener("pointercancel", end);

  root.addEventListener(
    "wheel",
    (event) => {
      if (!event.target.closest("[data-glass]")) return;
      event.preventDefault();
      const { key, point } = locate(event);
      const lines = event.deltaMode === 1 ? 16 : 1;
      stage.zoomAt(key, point, Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0015)));
      changed("view");
    },
    { passive: false },
  );
}
