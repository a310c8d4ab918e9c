/** The chat API over plain HTTP. */
import { safeAddress } from "./dom.js";
import { strings } from "./strings.js";

/** @typedef {import("./types.js").Page} Page */
/** @typedef {import("./types.js").Session} Session */
/** @typedef {import("./types.js").Outgoing} Outgoing */

/** A refusal or a failure, with a sentence a customer can read. `status` is 0 when nothing answered. */
export class ChatError extends Error {
  /**
   * @param {string} sentence
   * @param {number} status
   * @param {string} code
   */
  constructor(sentence, status, code) {
    super(sentence);
    this.name = "ChatError";
    this.status = status;
    this.code = code;
  }

  /** Worth trying again by itself: the same request may well succeed later. */
  get passing() {
    return this.status === 0 || this.status >= 500;
  }

  /** The conversation or its token is no longer known. */
  get sessionGone() {
    return this.status === 401 || this.status === 403 || this.status === 404;
  }
}

/** @param {number} status */
function sentenceFor(status) {
  if (status === 429) return strings.errorTooMany;
  if (status === 413) return strings.errorTooLong;
  return strings.errorServer;
}

/**
 * @param {unknown} value
 * @returns {string[]}
 */
export const names = (value) => (Array.isArray(value) ? value.filter((one) => typeof one === "string") : []);

export class Api {
  #server;

  /** @param {string} server */
  constructor(server) {
    this.#server = server;
  }

  /** @returns {Promise<{session: Session, limit: number, continueOn: string[]}>} */
  async start() {
    const body = await this.#request("POST", "/api/conversations", null, { locale: document.documentElement.lang || "en" });
    return {
      session: { conversation: body.conversation, token: body.token },
      limit: body.limits?.max_characters ?? 1000,
      continueOn: names(body.continue_on),
    };
  }

  /**
   * An address that takes the conversation along to a chat app, once.
   *
   * @param {Session} session
   * @param {string} channel
   * @returns {Promise<string>}
   */
  async link(session, channel) {
    const body = await this.#request("POST", this.#path(session, "/links"), session, { channel });
    return safeAddress(String(body.url), this.#server);
  }

  /**
   * @param {Session} session
   * @param {Outgoing} message
   * @returns {Promise<Page>}
   */
  send(session, message) {
    const { client_id, text, choice } = message;
    const body = choice ? { client_id, choice } : { client_id, text };
    return this.#request("POST", this.#path(session, "/messages"), session, body);
  }

  /**
   * @param {Session} session
   * @param {number} after
   * @param {number} limit
   * @returns {Promise<Page>}
   */
  history(session, after, limit) {
    return this.#request("GET", this.#path(session, `/messages?after=${after}&limit=${limit}`), session);
  }

  /** @param {Session} session */
  async end(session) {
    await this.#request("DELETE", this.#path(session, ""), session);
  }

  /** @param {Session} session */
  socketAddress(session) {
    return this.#server.replace(/^http/, "ws") + this.#path(session, "/socket");
  }

  /**
   * @param {Session} session
   * @param {string} rest
   */
  #path(session, rest) {
    return `/api/conversations/${encodeURIComponent(session.conversation)}${rest}`;
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {Session | null} session
   * @param {object} [body]
   * @returns {Promise<any>}
   */
  async #request(method, path, session, body) {
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json" };
    if (session) headers.Authorization = `Bearer ${session.token}`;
    if (body) headers["Content-Type"] = "application/json";
    let response;
    let answer = null;
    try {
      response = await fetch(this.#server + path, {
        method,
        headers,
        body: body && JSON.stringify(body),
        credentials: "omit",
        cache: "no-store",
        signal: AbortSignal.timeout?.(20_000),
      });
      if (response.status !== 204) answer = await response.json().catch(() => null);
    } catch {
      throw new ChatError(strings.errorNetwork, 0, "network");
    }
    if (!response.ok) {
      const error = answer?.error;
      const sentence = typeof error?.message === "string" ? error.message : sentenceFor(response.status);
      throw new ChatError(sentence, response.status, error?.code ?? String(response.status));
    }
    return answer;
  }
}
