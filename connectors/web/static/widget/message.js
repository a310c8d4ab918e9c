/** One row of the log as an element. */
import { carousel } from "./cards.js";
import { h, icon, withLinks } from "./dom.js";
import { strings } from "./strings.js";
import { clockTime } from "./time.js";

/** @typedef {import("./rows.js").Row} Row */
/** @typedef {import("./types.js").Choice} Choice */
/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Outgoing} Outgoing */

/**
 * @typedef {object} MessageActions
 * @property {(choice: Choice) => void} choose
 * @property {(clientId: string) => void} retry
 * @property {(clientId: string) => void} discard
 */

/**
 * @param {Row} row
 * @param {string} server
 * @param {MessageActions} actions
 * @returns {HTMLElement}
 */
export function rowElement(row, server, actions) {
  if (row.type === "day") return h("div", { class: "day" }, h("span", {}, row.label));
  const message = /** @type {Message} */ (row.message);
  if (row.type === "notice") {
    return h("div", { class: "notice" }, h("p", {}, ...withLinks(message.text)), quickReplies(row, message, actions));
  }
  const own = message.author === "customer";
  const classes = ["message", own ? "own" : "theirs", row.first && "first", row.last && "last", row.outgoing?.state];
  return h(
    "div",
    { class: classes.filter(Boolean).join(" "), "data-author": message.author },
    h(
      "span",
      { class: row.first && message.author === "agent" ? "author" : "sr-only" },
      authorName(message),
      h("span", { class: "sr-only" }, ": "),
    ),
    message.text && h("div", { class: "bubble" }, ...withLinks(message.text)),
    message.cards.length > 0 && carousel(message.cards, server, actions.choose),
    quickReplies(row, message, actions),
    row.outgoing ? delivery(row.outgoing, actions) : row.last && sentAt(message, own),
  );
}

/** @param {Message} message */
function authorName(message) {
  if (message.author === "customer") return strings.you;
  if (message.author === "agent") return message.name || strings.colleague;
  return strings.assistant;
}

/**
 * @param {Row} row
 * @param {Message} message
 * @param {MessageActions} actions
 */
function quickReplies(row, message, actions) {
  if (message.choices.length === 0) return null;
  return h(
    "div",
    { class: "replies", role: "group", "aria-label": strings.replies },
    ...message.choices.map((choice) =>
      h(
        "button",
        { type: "button", class: "reply", disabled: !row.answerable, onclick: () => actions.choose(choice) },
        choice.title,
      ),
    ),
  );
}

/**
 * @param {Message} message
 * @param {boolean} own
 */
function sentAt(message, own) {
  const at = new Date(message.at);
  return h(
    "p",
    { class: "meta" },
    own && h("span", { class: "sr-only" }, `${strings.sent} `),
    own && icon("check"),
    h("time", { datetime: message.at }, clockTime(at)),
  );
}

/**
 * @param {Outgoing} item
 * @param {MessageActions} actions
 */
function delivery(item, actions) {
  if (item.state === "failed") {
    return h(
      "p",
      { class: "meta problem" },
      h("span", {}, `${strings.failed} ${item.error ?? ""} `),
      h("button", { type: "button", class: "link", onclick: () => actions.retry(item.client_id) }, strings.retry),
      h("button", { type: "button", class: "link", onclick: () => actions.discard(item.client_id) }, strings.discard),
    );
  }
  return h("p", { class: "meta" }, item.state === "waiting" ? strings.waiting : strings.sending);
}
