/**
 * The chat's state and how it changes. Messages arrive twice (socket, history, another tab) and in any order; they
 * are kept once, by client id where the customer wrote them and by seq otherwise.
 *
 * @typedef {import("./types.js").Message} Message
 * @typedef {import("./types.js").Outgoing} Outgoing
 * @typedef {import("./types.js").Session} Session
 * @typedef {import("./types.js").State} State
 */

/** @returns {State} */
const blank = () => ({
  session: null,
  messages: [],
  outgoing: [],
  cursor: 0,
  read: 0,
  status: "bot",
  assignee: "",
  link: "idle",
  typing: false,
  loading: false,
  problem: "",
  limit: 1000,
  continueOn: [],
  elsewhere: "",
});

export class Store {
  /** @type {State} */
  #state = blank();
  /** @type {Set<(state: State) => void>} */
  #listeners = new Set();
  #scheduled = false;
  #vault;

  /** @param {import("./storage.js").Vault} vault */
  constructor(vault) {
    this.#vault = vault;
  }

  /** @returns {Readonly<State>} */
  get state() {
    return this.#state;
  }

  /** @param {(state: State) => void} listener  Called once after any number of changes in one task */
  subscribe(listener) {
    this.#listeners.add(listener);
  }

  /** @param {Partial<State>} change */
  update(change) {
    Object.assign(this.#state, change);
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      for (const listener of this.#listeners) listener(this.#state);
    });
  }

  /** Takes up what this browser kept. */
  restore() {
    const session = asSession(this.#vault.get("session"));
    const read = this.#vault.get("read");
    const outgoing = this.#vault.get("outgoing");
    this.update({
      session,
      read: typeof read === "number" && session ? read : 0,
      outgoing: Array.isArray(outgoing) ? outgoing.filter(isOutgoing) : [],
    });
  }

  /** @returns {Session | null}  What is kept now, perhaps by another tab */
  keptSession() {
    return asSession(this.#vault.get("session"));
  }

  /**
   * @param {Session} session
   * @param {number} limit
   * @param {string[]} continueOn
   */
  begin(session, limit, continueOn) {
    this.update({ ...blank(), outgoing: this.#state.outgoing, session, limit, continueOn, link: "connecting" });
    this.#vault.set("session", session);
    this.#vault.set("read", 0);
  }

  /** Forgets the conversation; what isn't sent yet is kept on request. @param {boolean} keepOutgoing */
  reset(keepOutgoing) {
    this.update({ ...blank(), outgoing: keepOutgoing ? this.#state.outgoing : [], limit: this.#state.limit });
    this.#vault.set("session", null);
    this.#vault.set("read", null);
    this.#keepOutgoing();
  }

  /** @param {number} seq */
  hasGapBefore(seq) {
    return seq - 1 > this.#state.cursor && !this.#state.messages.some((message) => message.seq === seq - 1);
  }

  /**
   * @param {Message[]} arrived
   * @param {number} [cursor]
   */
  merge(arrived, cursor = 0) {
    const bySeq = new Map(this.#state.messages.map((message) => [message.seq, message]));
    for (const message of arrived) {
      const known = bySeq.get(message.seq);
      bySeq.set(message.seq, known?.client_id ? { ...message, client_id: known.client_id } : message);
    }
    const messages = [...bySeq.values()].sort((one, other) => one.seq - other.seq);
    const confirmed = new Set(messages.map((message) => message.client_id).filter(Boolean));
    this.update({
      messages,
      outgoing: this.#state.outgoing.filter((item) => !confirmed.has(item.client_id)),
      cursor: Math.max(this.#state.cursor, cursor),
    });
    this.#keepOutgoing();
  }

  /** @param {Outgoing} item */
  queue(item) {
    this.update({ outgoing: [...this.#state.outgoing, item], problem: "" });
    this.#keepOutgoing();
  }

  /**
   * @param {string} clientId
   * @param {Partial<Outgoing>} change
   */
  mark(clientId, change) {
    this.update({
      outgoing: this.#state.outgoing.map((item) => (item.client_id === clientId ? { ...item, ...change } : item)),
    });
    this.#keepOutgoing();
  }

  /** @param {string} clientId */
  discard(clientId) {
    this.update({ outgoing: this.#state.outgoing.filter((item) => item.client_id !== clientId) });
    this.#keepOutgoing();
  }

  /**
   * The server has it under `seq`: it becomes part of the conversation. The cursor stays, since what an agent wrote
   * meanwhile may still be on its way.
   *
   * @param {Outgoing} item
   * @param {number} seq
   */
  confirm(item, seq) {
    const { client_id, text, at } = item;
    this.merge([{ seq, id: client_id, author: "customer", text, kind: "message", choices: [], cards: [], at, client_id }]);
  }

  /** Everything shown so far was seen. */
  markRead() {
    const last = this.#state.messages.at(-1)?.seq ?? 0;
    if (last <= this.#state.read) return;
    this.update({ read: last });
    this.#vault.set("read", last);
  }

  #keepOutgoing() {
    this.#vault.set("outgoing", this.#state.outgoing.length ? this.#state.outgoing : null);
  }
}

/** @param {Readonly<State>} state */
export const unreadCount = (state) =>
  state.messages.filter(
    ({ seq, author, kind }) => seq > state.read && kind === "message" && (author === "bot" || author === "agent"),
  ).length;

/**
 * Only the newest message's quick replies can be pressed: an older question has been answered or overtaken.
 *
 * @param {Readonly<State>} state
 * @returns {number}  seq of that message, or 0
 */
export function openQuestion(state) {
  const last = state.messages.findLast(({ kind }) => kind === "message");
  const overtaken = state.outgoing.some(({ state: delivery }) => delivery !== "failed");
  return last && last.author !== "customer" && !overtaken ? last.seq : 0;
}

/**
 * @param {any} value
 * @returns {Session | null}
 */
function asSession(value) {
  if (typeof value?.conversation !== "string" || typeof value?.token !== "string") return null;
  return { conversation: value.conversation, token: value.token };
}

/**
 * @param {any} value
 * @returns {value is Outgoing}
 */
const isOutgoing = (value) => typeof value?.client_id === "string" && typeof value?.text === "string";
