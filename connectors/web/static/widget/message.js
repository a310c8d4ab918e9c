/** One row of the log as an element. */
import { carousel } from "./cards.js";
import { h, icon, withLinks } from "./dom.js";
import { strings } from "./strings.js";
import { comparison } from "./table.js";
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
 * What a row says, in contrast to how it stands: as long as this is the same, its element is kept, since a screen
 * reader announces again whatever is put into a log again.
 *
 * @param {Row} row
 * @returns {string}
 */
export function contentOf({ type, label, message }) {
  if (!message) return JSON.stringify([type, label]);
  const { author, name, text, choices, cards, table } = message;
  return JSON.stringify([type, author, name, text, choices, cards, table]);
}

/**
 * @param {Row} row
 * @param {string} server
 * @param {MessageActions} actions
 * @returns {HTMLElement}
 */
export function rowElement(row, server, actions) {
  if (row.type === "day") return h("div", { class: "day" }, h("span", {}, row.label));
  const message = /** @type {Message} */ (row.message);
  const replies = quickReplies(message, actions);
  const element =
    row.type === "notice"
      ? h("div", { class: "notice" }, h("p", {}, ...withLinks(message.text)), replies)
      : h(
          "div",
          { "data-author": message.author },
          h("span", { class: "author" }, authorName(message), h("span", { class: "sr-only" }, ": ")),
          message.text && h("div", { class: "bubble" }, ...withLinks(message.text)),
          message.table && comparison(message.table),
          message.cards.length > 0 && carousel(message.cards, server, actions.choose),
          replies,
          h("div", { class: "meta", "aria-live": "off" }),
        );
  updateRow(element, row, actions);
  return element;
}

/**
 * Brings a row's element in step with how it stands: its place in a group, its delivery, its quick replies.
 *
 * @param {HTMLElement} element
 * @param {Row} row
 * @param {MessageActions} actions
 */
export function updateRow(element, row, actions) {
  const { message, outgoing } = row;
  if (!message) return;
  for (const button of element.querySelectorAll(".reply")) {
    /** @type {HTMLButtonElement} */ (button).disabled = !row.answerable;
  }
  const meta = element.querySelector(".meta");
  if (!meta) return;
  const own = message.author === "customer";
  const classes = ["message", own ? "own" : "theirs", row.first && "first", row.last && "last", outgoing?.state];
  element.className = classes.filter(Boolean).join(" ");
  const named = row.first && message.author === "agent";
  /** @type {Element} */ (element.firstElementChild).className = named ? "author" : "sr-only";
  meta.classList.toggle("problem", outgoing?.state === "failed");
  meta.replaceChildren(...(outgoing ? delivery(outgoing, actions) : row.last ? sentAt(message, own) : []));
}

/** @param {Message} message */
function authorName(message) {
  if (message.author === "customer") return strings.you;
  if (message.author === "agent") return message.name || strings.colleague;
  return strings.assistant;
}

/**
 * @param {Message} message
 * @param {MessageActions} actions
 */
function quickReplies(message, actions) {
  if (message.choices.length === 0) return null;
  return h(
    "div",
    { class: "replies", role: "group", "aria-label": strings.replies },
    ...message.choices.map((choice) =>
      h(
        "button",
        { type: "button", class: "reply", onclick: () => actions.choose(choice) },
        choice.title,
      ),
    ),
  );
}

/**
 * @param {Message} message
 * @param {boolean} own
 * @returns {Node[]}
 */
function sentAt(message, own) {
  const time = h("time", { datetime: message.at }, clockTime(new Date(message.at)));
  return own ? [h("span", { class: "sr-only" }, `${strings.sent} `), icon("check"), time] : [time];
}

/**
 * @param {Outgoing} item
 * @param {MessageActions} actions
 * @returns {Node[]}
 */
function delivery(item, actions) {
  if (item.state !== "failed") return [h("span", {}, item.state === "waiting" ? strings.waiting : strings.sending)];
  return [
    h("span", { role: "alert" }, `${strings.failed} ${item.error ?? ""} `),
    h("button", { type: "button", class: "link", onclick: () => actions.retry(item.client_id) }, strings.retry),
    h("button", { type: "button", class: "link", onclick: () => actions.discard(item.client_id) }, strings.discard),
  ];
}
