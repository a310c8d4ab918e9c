/**
 * Keeps one conversation connected: a WebSocket that comes back by itself, and plain HTTP for as long as sockets are
 * blocked. Whatever the way, everything after the cursor arrives, so nothing is lost in a gap.
 */
import { Backoff } from "./backoff.js";
import { ChatError } from "./api.js";
import { ChatSocket } from "./socket.js";

/** @typedef {import("./api.js").Api} Api */
/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Outgoing} Outgoing */
/** @typedef {import("./types.js").Page} Page */
/** @typedef {import("./types.js").Session} Session */
/** @typedef {import("./types.js").Status} Status */

/**
 * @typedef {object} ConnectionEvents
 * @property {() => number} cursor
 * @property {(page: Page) => void} page
 * @property {(message: Message) => void} message
 * @property {(on: boolean, seconds: number) => void} typing
 * @property {(status: Status, assignee: string) => void} status
 * @property {(online: boolean) => void} link
 * @property {(channels: string[]) => void} continueOn
 * @property {() => void} gone               The server doesn't know this conversation (any more)
 * @property {(sentence: string) => void} problem
 */

const PAGE = 100;
const POLL_EVERY = 3_000;
const SETTLE = 1_000;
const READY_WITHIN = 2_000;
const BAD_TOKEN = 4401;
const REFUSED_ORIGIN = 4403;

export class Connection {
  #api;
  #session;
  #events;
  #backoff = new Backoff();
  /** @type {ChatSocket | null} */
  #socket = null;
  #retry = 0;
  #poll = 0;
  #stopped = false;
  /** @type {Promise<void> | null} */
  #syncing = null;
  #abort = new AbortController();

  /**
   * @param {Api} api
   * @param {Session} session
   * @param {ConnectionEvents} events
   * @param {boolean} historyFirst  Fetch what is known in one go before anything new may arrive
   */
  constructor(api, session, events, historyFirst) {
    this.#api = api;
    this.#session = session;
    this.#events = events;
    const options = { signal: this.#abort.signal };
    addEventListener("online", () => this.reconnect(), options);
    document.addEventListener("visibilitychange", () => !document.hidden && !this.#socket?.ready && this.reconnect(), options);
    if (historyFirst) this.#pollNow().then(() => this.#stopped || this.#socket || this.#open());
    else this.#open();
  }

  stop() {
    this.#stopped = true;
    this.#abort.abort();
    clearTimeout(this.#retry);
    clearTimeout(this.#poll);
    this.#socket?.close();
  }

  /** Tries at once instead of waiting for the next attempt. */
  reconnect() {
    if (this.#stopped || this.#socket?.ready) return;
    this.#backoff.reset();
    this.#socket?.close();
    this.#open();
  }

  /**
   * Delivers a message by socket, or by HTTP where that fails; its client_id makes a second delivery harmless.
   *
   * @param {Outgoing} message
   * @returns {Promise<number | null>}  Its seq, or null when only the history tells
   */
  async send(message) {
    if (this.#socket && (await this.#socket.whenReady(READY_WITHIN))) {
      try {
        return await this.#socket.send(message);
      } catch (error) {
        if (!(error instanceof ChatError) || error.status !== 0) throw error;
      }
    }
    const page = await this.#api.send(this.#session, message);
    if (!this.#stopped) {
      this.#events.page({ ...page, cursor: this.#events.cursor() });
      if (page.notice && !page.messages.length) this.#events.problem(page.notice);
      await this.sync();
    }
    return null;
  }

  /** Fetches everything after the cursor. Calls that overlap share one run. */
  sync() {
    this.#syncing ??= this.#fetchAll().finally(() => {
      this.#syncing = null;
    });
    return this.#syncing;
  }

  async #fetchAll() {
    for (;;) {
      const after = this.#events.cursor();
      const page = await this.#api.history(this.#session, after, PAGE);
      if (this.#stopped) return;
      this.#events.page(page);
      // The socket tells a status as it changes; what was read meanwhile may be older.
      if (!this.#socket?.ready) this.#events.status(page.status, "");
      if (page.messages.length < PAGE || page.cursor <= after) return;
    }
  }

  #open() {
    clearTimeout(this.#retry);
    const socket = new ChatSocket(this.#api.socketAddress(this.#session), this.#session, this.#events.cursor(), {
      ready: (status, cursor, continueOn) => {
        this.#events.continueOn(continueOn);
        this.#opened(status, cursor);
      },
      message: (message) => this.#events.message(message),
      typing: (on, seconds) => this.#events.typing(on, seconds),
      status: (status, assignee) => this.#events.status(status, assignee),
      problem: (sentence) => this.#events.problem(sentence),
      closed: (code) => {
        if (socket === this.#socket) this.#lost(code);
      },
    });
    this.#socket = socket;
  }

  /**
   * @param {Status} status
   * @param {number} cursor
   */
  #opened(status, cursor) {
    this.#backoff.reset();
    clearTimeout(this.#poll);
    this.#events.status(status, "");
    this.#events.link(true);
    // The socket replays what was missed; where it is still short of the server's cursor after a moment, ask.
    if (cursor > this.#events.cursor()) {
      this.#poll = setTimeout(() => {
        if (cursor > this.#events.cursor()) this.sync().catch(() => undefined);
      }, SETTLE);
    }
  }

  /** @param {number} code */
  #lost(code) {
    this.#events.typing(false, 0);
    if (this.#stopped) return;
    if (code === BAD_TOKEN) {
      this.#events.gone();
      return;
    }
    if (code === REFUSED_ORIGIN) this.#backoff = new Backoff(30_000, 300_000);
    this.#retry = setTimeout(() => this.#open(), this.#backoff.next());
    this.#pollNow();
  }

  /** Carries on over HTTP until the socket is back. */
  async #pollNow() {
    clearTimeout(this.#poll);
    try {
      await this.sync();
      if (this.#stopped) return;
      this.#events.link(true);
      if (!this.#socket?.ready) this.#poll = setTimeout(() => this.#pollNow(), POLL_EVERY);
    } catch (error) {
      if (this.#stopped || this.#socket?.ready) return;
      if (error instanceof ChatError && error.sessionGone) this.#events.gone();
      else this.#events.link(false);
    }
  }
}
