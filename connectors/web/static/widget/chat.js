/**
 * The conversation behind the view: opens it when the customer first writes, keeps it connected, ends it on request.
 */
import { Api, ChatError } from "./api.js";
import { Connection } from "./connection.js";
import { newId } from "./ids.js";
import { Outbox } from "./outbox.js";
import { Store } from "./store.js";
import { strings } from "./strings.js";

/** @typedef {import("./types.js").Outgoing} Outgoing */
/** @typedef {import("./types.js").Status} Status */

export class Chat {
  #api;
  #outbox;
  /** @type {Connection | null} */
  #connection = null;
  #typing = 0;
  #leaving = new AbortController();

  /**
   * @param {string} server
   * @param {import("./storage.js").Vault} vault
   */
  constructor(server, vault) {
    this.#api = new Api(server);
    this.store = new Store(vault);
    this.#outbox = new Outbox(this.store, (item) => this.#deliver(item));
    vault.watch("session", () => this.#followOtherTab(), this.#leaving.signal);
  }

  /** Takes up the conversation this browser knows, if any. */
  resume() {
    this.store.restore();
    if (this.store.state.session) this.#connect(true);
    else this.#outbox.flush();
  }

  /** Leaves the page: the conversation goes on elsewhere. */
  leave() {
    this.#leaving.abort();
    this.#disconnect();
  }

  /**
   * @param {string} text
   * @param {string} [choice]  Id of an offered choice; `text` is what its button said
   */
  say(text, choice) {
    /** @type {Outgoing} */
    const item = { client_id: newId(), text, at: new Date().toISOString(), state: "sending" };
    if (choice) item.choice = choice;
    this.store.queue(item);
    this.#outbox.flush();
  }

  /** @param {string} clientId */
  retry(clientId) {
    this.#outbox.retry(clientId);
  }

  reconnect() {
    this.#connection?.reconnect();
    this.#outbox.flush();
  }

  /**
   * Erases the conversation on the server, then here.
   *
   * @throws {ChatError}  When the server couldn't be told; nothing was changed then
   */
  async end() {
    const { session } = this.store.state;
    try {
      if (session) await this.#api.end(session);
    } catch (error) {
      if (!(error instanceof ChatError && error.sessionGone)) throw error;
    }
    this.#disconnect();
    this.store.reset(false);
  }

  /**
   * Asks for the address that takes the conversation along; opening it is the customer's next tap, since browsers
   * open a window for nothing else.
   *
   * @param {string} channel
   */
  async takeAlong(channel) {
    const { session } = this.store.state;
    if (!session) return;
    try {
      this.store.update({ elsewhere: await this.#api.link(session, channel), problem: "" });
    } catch (error) {
      this.store.update({ problem: error instanceof ChatError ? error.message : strings.errorServer });
    }
  }

  /**
   * @param {Outgoing} item
   * @returns {Promise<number | null>}
   */
  async #deliver(item) {
    const connection = await this.#ensureConversation();
    this.#showTyping(this.store.state.status === "bot", 12);
    try {
      return await connection.send(item);
    } catch (error) {
      this.#showTyping(false, 0);
      if (!(error instanceof ChatError && error.sessionGone) || item.choice) throw error;
      this.#forget();
      return (await this.#ensureConversation()).send(item);
    }
  }

  async #ensureConversation() {
    if (!this.#connection) {
      if (!this.store.state.session) {
        const { session, limit, continueOn } = await this.#api.start();
        this.store.begin(session, limit, continueOn);
      }
      this.#connect(false);
    }
    return /** @type {Connection} */ (this.#connection);
  }

  /** @param {boolean} loading  There is a history to fetch first */
  #connect(loading) {
    const { session } = this.store.state;
    if (!session) return;
    this.store.update({ link: "connecting", loading });
    /** @type {import("./connection.js").ConnectionEvents} */
    const events = {
      cursor: () => this.store.state.cursor,
      page: (page) => {
        if (page.messages.some(({ author }) => author !== "customer")) this.#heard();
        this.store.merge(page.messages, page.cursor);
      },
      message: (message) => {
        if (message.author !== "customer") this.#heard();
        if (message.author === "agent" && message.name) this.store.update({ assignee: message.name });
        // Something in between is unknown here, such as what the customer wrote in another tab: fetch it.
        const missed = this.store.hasGapBefore(message.seq);
        this.store.merge([message], missed ? 0 : message.seq);
        if (missed) this.#connection?.sync().catch(() => undefined);
      },
      typing: (on, seconds) => this.#showTyping(on, seconds),
      status: (status, assignee) => this.#changeStatus(status, assignee),
      link: (online) => {
        this.store.update({ link: online ? "online" : "offline", ...(online && { loading: false }) });
        if (online) this.#outbox.flush();
      },
      continueOn: (channels) => this.store.update({ continueOn: channels }),
      gone: () => this.#forget(),
      problem: (sentence) => {
        this.#showTyping(false, 0);
        this.store.update({ problem: sentence });
      },
    };
    this.#connection = new Connection(this.#api, session, events, loading);
  }

  /** Somebody answered: nobody types any more, and what went wrong before is over. */
  #heard() {
    this.#showTyping(false, 0);
    if (this.store.state.problem) this.store.update({ problem: "" });
  }

  /**
   * @param {Status} status
   * @param {string} assignee
   */
  #changeStatus(status, assignee) {
    const kept = status === "human" ? assignee || this.store.state.assignee : "";
    this.store.update({ status, assignee: kept });
    if (status !== "bot") this.#showTyping(false, 0);
  }

  /**
   * @param {boolean} on
   * @param {number} seconds  It goes out by itself then, whatever the server does
   */
  #showTyping(on, seconds) {
    clearTimeout(this.#typing);
    if (on) this.#typing = setTimeout(() => this.store.update({ typing: false }), seconds * 1000);
    if (on !== this.store.state.typing) this.store.update({ typing: on });
  }

  /** The conversation has expired: what isn't sent yet goes into a new one. */
  #forget() {
    const { messages, elsewhere } = this.store.state;
    this.#disconnect();
    this.store.reset(true);
    if (elsewhere) this.store.update({ problem: strings.moved });
    else if (messages.length) this.store.update({ problem: strings.expired });
    if (this.store.state.outgoing.length) this.#outbox.flush();
  }

  #disconnect() {
    this.#connection?.stop();
    this.#connection = null;
    this.#showTyping(false, 0);
  }

  #followOtherTab() {
    const kept = this.store.keptSession();
    if (kept?.conversation === this.store.state.session?.conversation) return;
    this.#disconnect();
    if (kept) {
      this.store.update({ session: kept, messages: [], cursor: 0, read: 0 });
      this.#connect(true);
    } else {
      this.store.reset(false);
    }
  }
}
