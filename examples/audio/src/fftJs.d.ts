/** What this package uses of fft.js, which comes without types. */
declare module "fft.js" {
  export default class FFT {
    /** @param size - a power of two */
    constructor(size: number);
    /** Room for `size` complex numbers, as pairs. */
    createComplexArray(): number[];
    /** Fills the first half of the spectrum of real numbers. */
    realTransform(out: number[], data: ArrayLike<number>): void;
  }
}
