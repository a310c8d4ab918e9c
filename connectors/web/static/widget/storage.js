/**
 * Storage that never throws: localStorage where the browser allows it, memory for this page otherwise.
 * What is kept: the session (id and token), how far the customer has read, messages not sent yet, and whether the
 * teaser was dismissed. The transcript is not: it is fetched, so that clearing it on the server clears it everywhere.
 */
export class Vault {
  /** @type {Map<string, string>} */
  #memory = new Map();
  /** @type {Storage | null} */
  #disk = null;
  #prefix;

  /** @param {string} server  One vault per chat server */
  constructor(server) {
    this.#prefix = `parley:${server}:`;
    try {
      const probe = `${this.#prefix}probe`;
      localStorage.setItem(probe, "1");
      localStorage.removeItem(probe);
      this.#disk = localStorage;
    } catch {
      this.#disk = null;
    }
  }

  /**
   * @param {string} name
   * @returns {unknown}  null when nothing, or nothing readable, is kept
   */
  get(name) {
    const key = this.#prefix + name;
    try {
      return JSON.parse((this.#disk ? this.#disk.getItem(key) : this.#memory.get(key)) ?? "null");
    } catch {
      return null;
    }
  }

  /**
   * @param {string} name
   * @param {unknown} value  null removes it
   */
  set(name, value) {
    const key = this.#prefix + name;
    const text = JSON.stringify(value);
    if (this.#disk) {
      try {
        if (value === null) this.#disk.removeItem(key);
        else this.#disk.setItem(key, text);
        return;
      } catch {
        // Full or taken away meanwhile: what fits in memory is better than nothing.
        this.#disk = null;
      }
    }
    if (value === null) this.#memory.delete(key);
    else this.#memory.set(key, text);
  }

  /**
   * Tells of changes made in other tabs of the same site.
   *
   * @param {string} name
   * @param {() => void} listener
   * @param {AbortSignal} signal
   */
  watch(name, listener, signal) {
    addEventListener(
      "storage",
      (event) => {
        if (event.key === this.#prefix + name || event.key === null) listener();
      },
      { signal },
    );
  }
}
