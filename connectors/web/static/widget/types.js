/**
 * The chat API's shapes as the widget sees them. Types only; nothing here runs.
 *
 * @typedef {{id: string, title: string}} Choice
 *
 * @typedef {object} Card
 * @property {string} sku
 * @property {string} title
 * @property {string} price          Decimal as text, such as "1299.00"
 * @property {string} currency       ISO 4217
 * @property {string} price_text     The price as the customer reads it
 * @property {string | null} image   Relative to the server, or absolute
 * @property {string} reason         Why it fits
 * @property {string[]} facts
 * @property {boolean} in_stock
 * @property {Choice[]} choices
 *
 * @typedef {object} TableRow
 * @property {string} label
 * @property {string[]} cells        One for each name in the table's header
 * @property {number[]} best         Columns, from 0, that are the best of the row
 *
 * @typedef {object} Table
 * @property {string} caption
 * @property {string[]} header
 * @property {TableRow[]} rows
 *
 * @typedef {object} Message
 * @property {number} seq            Position in the conversation, and the cursor
 * @property {string} id
 * @property {"customer" | "bot" | "agent" | "system"} author
 * @property {string} [name]         An agent's first name
 * @property {string} text
 * @property {"message" | "notice"} kind
 * @property {Choice[]} choices
 * @property {Card[]} cards
 * @property {Table | null} [table]  Things side by side, below the text
 * @property {string} at             ISO 8601, UTC
 * @property {string} [client_id]    Only on the customer's own messages
 *
 * @typedef {"bot" | "queued" | "human" | "resolved"} Status
 *
 * @typedef {{conversation: string, token: string}} Session
 *
 * @typedef {object} Page
 * @property {number} cursor
 * @property {Status} status
 * @property {Message[]} messages
 * @property {string} [notice]       The message is kept, its answer takes longer: a sentence that says so
 *
 * @typedef {object} Outgoing       A message the server hasn't confirmed yet
 * @property {string} client_id
 * @property {string} text
 * @property {string} [choice]
 * @property {string} at
 * @property {"sending" | "waiting" | "failed"} state
 * @property {string} [error]        A sentence, when it failed
 *
 * @typedef {"idle" | "connecting" | "online" | "offline"} Link
 *
 * @typedef {object} State
 * @property {Session | null} session
 * @property {Message[]} messages    Sorted by seq
 * @property {Outgoing[]} outgoing   In the order they were written
 * @property {number} cursor
 * @property {number} read           The highest seq the customer has seen
 * @property {Status} status
 * @property {string} assignee       The agent's first name, or ""
 * @property {Link} link
 * @property {boolean} typing
 * @property {boolean} loading       History is on its way
 * @property {string} problem        A sentence that concerns the whole chat, or ""
 * @property {number} limit          Characters a message may have
 * @property {string[]} continueOn   Chat apps that the conversation can be taken along to
 * @property {string} elsewhere      The address that takes it along, once asked for, or ""
 */

export {};
