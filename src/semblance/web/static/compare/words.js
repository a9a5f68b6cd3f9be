// The page's sentences, which stand in the template so that they can be translated.

const sentences = Object.fromEntries(
  [...document.querySelectorAll("[data-word]")].map((element) => [element.dataset.word, element.textContent]),
);

export function say(key, values = {}) {
  return sentences[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** Writes a number as the page's language does; `places`: how many digits stand behind its sign. */
export function writeNumber(value, places = undefined) {
  const digits = places === undefined ? {} : { minimumFractionDigits: places, maximumFractionDigits: places };
  return value.toLocaleString(document.documentElement.lang, digits);
}

const place = document.querySelector("[data-announce]");

export function announce(text) {
  place.textContent = text;
}
