/** A comparison as a real table: column and row headers for screen readers, and a label that stays while it scrolls. */
import { h, icon } from "./dom.js";
import { strings } from "./strings.js";

/** @typedef {import("./types.js").Table} Table */
/** @typedef {import("./types.js").TableRow} TableRow */

/**
 * @param {Table} table
 * @returns {HTMLElement}  A region of its own, so that the keyboard can scroll it where it is wider than the window
 */
export function comparison({ caption, header, rows }) {
  const columns = header.map((name) => h("th", { scope: "col" }, name));
  return h(
    "div",
    { class: "comparison", role: "region", tabindex: "0", "aria-label": caption },
    h(
      "table",
      {},
      h("caption", { class: "sr-only" }, caption),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, h("span", { class: "sr-only" }, strings.feature)), ...columns)),
      h("tbody", {}, ...rows.map(rowElement)),
    ),
  );
}

/** @param {TableRow} row */
function rowElement({ label, cells, best }) {
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, label),
    ...cells.map((cell, column) =>
      best.includes(column)
        ? h("td", { class: "best" }, icon("check"), cell, h("span", { class: "sr-only" }, ` (${strings.best})`))
        : h("td", {}, cell),
    ),
  );
}
