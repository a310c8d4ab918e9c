/**
 * One WebSocket from opening to closing: says hello, keeps it alive, matches what was sent with what was accepted.
 * Reconnecting is connection.js's business.
 */
import { ChatError, names } from "./api.js";
import { strings } from "./strings.js";

/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Outgoing} Outgoing */
/** @typedef {import("./types.js").Session} Session */
/** @typedef {import("./types.js").Status} Status */

/**
 * @typedef {object} SocketEvents
 * @property {(status: Status, cursor: number, continueOn: string[]) => void} ready
 * @property {(message: Message) => void} message
 * @property {(on: boolean, seconds: number) => void} typing
 * @property {(status: Status, assignee: string) => void} status
 * @property {(sentence: string) => void} problem
 * @property {(code: number) => void} closed    Called once, however it ended
 */

const OPEN_WITHIN = 6_000;
const PING_EVERY = 20_000;
const PONG_WITHIN = 8_000;
const ACCEPT_WITHIN = 6_000;

export class ChatSocket {
  /** @type {WebSocket | null} */
  #socket = null;
  #events;
  #ready = false;
  #closed = false;
  /** @type {Map<string, {resolve: (seq: number) => void, reject: (error: ChatError) => void}>} */
  #awaited = new Map();
  #decided = () => {};
  #deadline = 0;
  #heartbeat = 0;

  /**
   * @param {string} address
   * @param {Session} session
   * @param {number} after  The cursor: what came later is sent again
   * @param {SocketEvents} events
   */
  constructor(address, session, after, events) {
    this.#events = events;
    this.#deadline = setTimeout(() => this.close(), OPEN_WITHIN);
    try {
      const socket = new WebSocket(address);
      this.#socket = socket;
      socket.onopen = () => this.#write({ type: "hello", token: session.token, after });
      socket.onmessage = (event) => this.#receive(event.data);
      socket.onclose = (event) => this.#finish(event.code);
      socket.onerror = () => this.#finish(1006);
    } catch {
      setTimeout(() => this.#finish(1006));
    }
  }

  get ready() {
    return this.#ready;
  }

  /**
   * @param {number} within  Milliseconds
   * @returns {Promise<boolean>}  False as soon as it is clear that it won't be, or when the time is over
   */
  whenReady(within) {
    if (this.#ready || this.#closed) return Promise.resolve(this.#ready);
    return new Promise((resolve) => {
      this.#decided = () => resolve(this.#ready);
      setTimeout(() => resolve(this.#ready), within);
    });
  }

  /**
   * @param {Outgoing} message
   * @returns {Promise<number>}  The seq the server gave it
   * @throws {ChatError}  Status 0 when the socket closed or nothing came back: it may or may not have arrived
   */
  send(message) {
    const { client_id, text, choice } = message;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => settle(() => reject(new ChatError(strings.errorNetwork, 0, "timeout"))), ACCEPT_WITHIN);
      const settle = (/** @type {() => void} */ finish) => {
        clearTimeout(timer);
        this.#awaited.delete(client_id);
        finish();
      };
      this.#awaited.set(client_id, {
        resolve: (seq) => settle(() => resolve(seq)),
        reject: (error) => settle(() => reject(error)),
      });
      this.#write(choice ? { type: "message", client_id, choice } : { type: "message", client_id, text });
    });
  }

  close() {
    this.#socket?.close();
    this.#finish(1000);
  }

  /** @param {object} frame */
  #write(frame) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #beat() {
    clearTimeout(this.#deadline);
    clearTimeout(this.#heartbeat);
    this.#heartbeat = setTimeout(() => {
      this.#write({ type: "ping" });
      this.#deadline = setTimeout(() => this.close(), PONG_WITHIN);
    }, PING_EVERY);
  }

  /** @param {unknown} data */
  #receive(data) {
    if (this.#closed) return;
    let frame;
    try {
      frame = JSON.parse(String(data));
    } catch {
      return;
    }
    switch (frame.type) {
      case "ready":
        this.#ready = true;
        this.#events.ready(frame.status, frame.cursor, names(frame.continue_on));
        this.#decided();
        break;
      case "message":
        this.#events.message(frame.message);
        break;
      case "typing":
        this.#events.typing(Boolean(frame.on), Number(frame.expires_in) || 12);
        break;
      case "status":
        this.#events.status(frame.status, frame.assignee ?? "");
        break;
      case "accepted":
        this.#awaited.get(frame.client_id)?.resolve(frame.seq);
        break;
      case "error": {
        const waiting = this.#awaited.get(frame.client_id);
        // The server answered, so sending the same again unchanged is up to the customer.
        if (waiting) waiting.reject(new ChatError(frame.message || strings.errorServer, statusOf(frame.code), frame.code));
        else this.#events.problem(frame.message || strings.errorServer);
        break;
      }
    }
    if (this.#ready) this.#beat();
  }

  /** @param {number} code */
  #finish(code) {
    if (this.#closed) return;
    this.#closed = true;
    this.#ready = false;
    clearTimeout(this.#deadline);
    clearTimeout(this.#heartbeat);
    for (const waiting of [...this.#awaited.values()]) {
      waiting.reject(new ChatError(strings.errorNetwork, 0, "closed"));
    }
    this.#decided();
    this.#events.closed(code);
  }
}

/**
 * The HTTP status an error frame's code stands for, as far as the widget treats them differently.
 *
 * @param {string} code
 */
function statusOf(code) {
  if (/unavailable|internal|timeout/.test(code)) return 503;
  if (/conversation_unknown|token/.test(code)) return 401;
  return 400;
}
