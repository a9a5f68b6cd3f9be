// Numbered marks: the same number on both photos points at the same thing.

export const MARK_CAP = 99;

export class Marks {
  constructor(given = []) {
    this.all = new Map(given.map(({ number, probe, reference }) => [number, { probe, reference }]));
  }

  get numbers() {
    return [...this.all.keys()].sort((a, b) => a - b);
  }

  find(number, photo) {
    return this.all.get(number)?.[photo] ?? null;
  }

  // The lowest number that only the other photo has, so that marks pair up; else the lowest that is free.
  findNext(photo) {
    const waiting = this.numbers.find((number) => !this.find(number, photo));
    if (waiting) return waiting;
    for (let number = 1; number <= MARK_CAP; number += 1) if (!this.all.has(number)) return number;
    return null;
  }

  put(number, photo, spot) {
    const mark = this.all.get(number) ?? { probe: null, reference: null };
    this.all.set(number, { ...mark, [photo]: { x: spot.x, y: spot.y } });
  }

  remove(number, photo) {
    const mark = { ...this.all.get(number), [photo]: null };
    if (mark.probe || mark.reference) this.all.set(number, mark);
    else this.all.delete(number);
  }

  write() {
    const round = (spot) => spot && { x: Math.round(spot.x * 10) / 10, y: Math.round(spot.y * 10) / 10 };
    return this.numbers.map((number) => ({
      number,
      probe: round(this.find(number, "probe")),
      reference: round(this.find(number, "reference")),
    }));
  }
}
