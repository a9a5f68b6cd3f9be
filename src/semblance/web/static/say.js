// What scripts say to people. The page holds each sentence in its own language; a script fills the holes.
//
//   <form data-say-too-large="{{ _('{name} has {size} MB; {allowed} MB are allowed.') }}">
//   say(form, "tooLarge", { name: file.name, size: 12, allowed: 40 })
//
// Where the hole `n` decides between one and many, the page holds both: data-say-marks-one and data-say-marks.

export function say(element, key, holes = {}) {
  const held = `say${key[0].toUpperCase()}${key.slice(1)}`;
  const { dataset } = element.closest(`[data-say-${dashed(key)}]`) ?? element;
  const one = dataset[`${held}One`];
  const single = one !== undefined && new Intl.PluralRules(document.documentElement.lang).select(holes.n) === "one";
  return (single ? one : dataset[held]).replace(/\{(\w+)\}/g, (hole, name) => holes[name] ?? hole);
}

function dashed(key) {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
