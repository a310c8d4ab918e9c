/**
 * What the log shows, computed from the state: day separators, notices, and messages grouped by who wrote them.
 * Pure, so that the log only has to bring the page in step with it.
 */
import { openQuestion } from "./store.js";
import { dayKey, dayLabel } from "./time.js";

/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Outgoing} Outgoing */

/**
 * @typedef {object} Row
 * @property {string} key        Stays the same while a message goes from sending to sent
 * @property {"day" | "notice" | "message"} type
 * @property {string} [label]    Of a day
 * @property {Message} [message]
 * @property {Outgoing} [outgoing]
 * @property {boolean} first     Of its group
 * @property {boolean} last      Of its group
 * @property {boolean} answerable  Its quick replies can be pressed
 */

const GROUP_WITHIN = 5 * 60_000;

/**
 * @param {Readonly<import("./types.js").State>} state
 * @param {Date} now
 * @returns {Row[]}
 */
export function toRows(state, now) {
  const question = openQuestion(state);
  /** @type {Row[]} */
  const rows = [];
  let day = "";
  for (const message of [...state.messages, ...state.outgoing.map(asMessage)]) {
    const at = new Date(message.at);
    if (dayKey(at) !== day) {
      day = dayKey(at);
      rows.push({ key: `day-${day}`, type: "day", label: dayLabel(at, now), first: true, last: true, answerable: false });
    }
    rows.push({
      key: message.client_id ?? `seq-${message.seq}`,
      type: message.kind === "notice" || message.author === "system" ? "notice" : "message",
      message,
      outgoing: state.outgoing.find(({ client_id }) => client_id === message.client_id),
      first: true,
      last: true,
      answerable: message.seq === question,
    });
  }
  rows.forEach((row, index) => {
    const next = rows[index + 1];
    if (next && belongTogether(row, next)) {
      row.last = false;
      next.first = false;
    }
  });
  return rows;
}

/**
 * @param {Outgoing} item
 * @returns {Message}
 */
const asMessage = ({ client_id, text, at }) => ({
  seq: Infinity,
  id: client_id,
  author: "customer",
  text,
  kind: "message",
  choices: [],
  cards: [],
  at,
  client_id,
});

/**
 * @param {Row} one
 * @param {Row} next
 */
function belongTogether(one, next) {
  if (one.type !== "message" || next.type !== "message" || !one.message || !next.message) return false;
  const gap = Date.parse(next.message.at) - Date.parse(one.message.at);
  return one.message.author === next.message.author && one.message.name === next.message.name && gap < GROUP_WITHIN;
}
