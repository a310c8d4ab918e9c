/**
 * Sends what the customer wrote, one message at a time and in order. What can't be sent yet waits (also across a
 * reload); what was refused says why and can be tried again. A message keeps its client id, so the server answers it
 * once however often it is sent.
 */
import { Backoff } from "./backoff.js";
import { ChatError } from "./api.js";
import { strings } from "./strings.js";

/** @typedef {import("./types.js").Outgoing} Outgoing */

const GIVE_UP_AFTER = 4;

export class Outbox {
  #store;
  #deliver;
  #busy = false;
  #retry = 0;
  #backoff = new Backoff(1_000, 20_000);

  /**
   * @param {import("./store.js").Store} store
   * @param {(item: Outgoing) => Promise<number | null>} deliver
   */
  constructor(store, deliver) {
    this.#store = store;
    this.#deliver = deliver;
  }

  /** Sends what waits. Harmless to call at any time. */
  async flush() {
    if (this.#busy) return;
    clearTimeout(this.#retry);
    this.#busy = true;
    try {
      for (let item = this.#next(); item; item = this.#next()) {
        if (!(await this.#attempt(item))) return;
      }
    } finally {
      this.#busy = false;
    }
  }

  /** @param {string} clientId */
  retry(clientId) {
    this.#backoff.reset();
    this.#store.mark(clientId, { state: "sending", error: "" });
    return this.flush();
  }

  #next() {
    return this.#store.state.outgoing.find(({ state }) => state !== "failed");
  }

  /**
   * @param {Outgoing} item
   * @returns {Promise<boolean>}  Whether to go on with the next one
   */
  async #attempt(item) {
    if (item.state !== "sending") this.#store.mark(item.client_id, { state: "sending" });
    try {
      const seq = await this.#deliver(item);
      this.#backoff.reset();
      if (seq !== null) this.#store.confirm(item, seq);
      // Accepted over HTTP, yet not in the history: it is on the server, so it must not be sent for ever.
      else this.#store.discard(item.client_id);
      return true;
    } catch (error) {
      const problem = error instanceof ChatError ? error : new ChatError(strings.errorServer, 500, "unexpected");
      if (problem.status === 0 || (problem.passing && this.#backoff.attempts < GIVE_UP_AFTER)) {
        this.#store.mark(item.client_id, { state: "waiting" });
        this.#retry = setTimeout(() => this.flush(), this.#backoff.next());
        return false;
      }
      this.#store.mark(item.client_id, { state: "failed", error: problem.message });
      return true;
    }
  }
}
