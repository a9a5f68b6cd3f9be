// Exposure and contrast of one photo, for the eye only: the bytes on the node stay as they are.

function toLight(value) {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

function fromLight(light) {
  return light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055;
}

// Exposure in stops multiplies the light itself; contrast, -100 to 100, spreads the tones around the middle one.
export function makeCurve(exposure, contrast) {
  const slope = Math.tan(((contrast + 100) / 400) * Math.PI * 0.999);
  return Uint8ClampedArray.from({ length: 256 }, (_, value) => {
    const lit = fromLight(Math.min(1, toLight(value / 255) * 2 ** exposure));
    return Math.round(255 * (0.5 + (lit - 0.5) * slope));
  });
}

export function applyCurve(image, curve) {
  const { data } = image;
  for (let at = 0; at < data.length; at += 4) {
    data[at] = curve[data[at]];
    data[at + 1] = curve[data[at + 1]];
    data[at + 2] = curve[data[at + 2]];
  }
  return image;
}
