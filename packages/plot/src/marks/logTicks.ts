/** Ticks of a log axis: powers of ten, thinned where there are many, with steps between them where there are few. */
export function logTicks(low: number, high: number): number[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const decades = last - first;
  const step = Math.max(1, Math.ceil(decades / 10));
  const within = decades <= 1 ? [1, 2, 3, 5, 7] : decades <= 2 ? [1, 2, 5] : [1];
  const ticks: number[] = [];
  for (let exponent = first; exponent <= last; exponent += step) {
    for (const factor of within) {
      const tick = Number(`${factor}e${exponent}`);
      if (tick >= low * 0.999 && tick <= high * 1.001) ticks.push(tick);
    }
  }
  return ticks.length > 0 ? ticks : [low, high];
}
