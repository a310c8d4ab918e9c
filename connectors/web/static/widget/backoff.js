/**
 * Waiting times between attempts: they double from `first` up to `most`, and each is drawn from its upper half, so
 * that a thousand open pages don't knock at the same moment when a server comes back.
 */
export class Backoff {
  #attempts = 0;
  #first;
  #most;

  /**
   * @param {number} first  Milliseconds
   * @param {number} most   Milliseconds
   */
  constructor(first = 500, most = 30_000) {
    this.#first = first;
    this.#most = most;
  }

  get attempts() {
    return this.#attempts;
  }

  /** @returns {number}  Milliseconds to wait before the next attempt */
  next() {
    const ceiling = Math.min(this.#most, this.#first * 2 ** this.#attempts);
    this.#attempts += 1;
    return ceiling * (0.5 + Math.random() / 2);
  }

  reset() {
    this.#attempts = 0;
  }
}
