// The edge view: how steeply the brightness changes at each pixel (Sobel), dark lines on white.

export function findEdges({ data, width, height }) {
  const grey = new Float32Array(width * height);
  for (let at = 0; at < grey.length; at += 1) {
    grey[at] = 0.2126 * data[4 * at] + 0.7152 * data[4 * at + 1] + 0.0722 * data[4 * at + 2];
  }
  const edges = new ImageData(width, height);
  new Uint32Array(edges.data.buffer).fill(0xffffffff);
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1) {
      const at = y * width + x;
      const [nw, n, ne] = [grey[at - width - 1], grey[at - width], grey[at - width + 1]];
      const [w, e] = [grey[at - 1], grey[at + 1]];
      const [sw, s, se] = [grey[at + width - 1], grey[at + width], grey[at + width + 1]];
      const across = ne + 2 * e + se - nw - 2 * w - sw;
      const down = sw + 2 * s + se - nw - 2 * n - ne;
      const line = 255 - Math.min(255, Math.sqrt(across * across + down * down) * 1.6);
      edges.data[4 * at] = edges.data[4 * at + 1] = edges.data[4 * at + 2] = line;
    }
  }
  return edges;
}
