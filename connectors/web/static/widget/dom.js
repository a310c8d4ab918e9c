/** Building elements without a line of markup: text is only ever text, styles only ever classes. */

/** @typedef {Node | string | false | null | undefined} Child */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | boolean | EventListener | undefined>} [attributes]
 *   A function becomes a listener ("onclick"), true an empty attribute; false and undefined are left out
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined) element.setAttribute(name, value);
  }
  element.append(.../** @type {(Node | string)[]} */ (children.filter(Boolean)));
  return element;
}

const ICONS = {
  chat: "M12 3.5c4.97 0 9 3.52 9 7.86s-4.03 7.86-9 7.86c-.98 0-1.93-.14-2.81-.39L4.6 20.5l1.1-3.6C4.03 15.47 3 13.52 3 11.36 3 7.02 7.03 3.5 12 3.5Z M8.2 11.4h.01 M12 11.4h.01 M15.8 11.4h.01",
  close: "M6 6l12 12 M18 6L6 18",
  down: "M6 9.5l6 6 6-6",
  more: "M5.5 12h.01 M12 12h.01 M18.5 12h.01",
  send: "M12 19.5V5 M5.5 11.5L12 5l6.5 6.5",
  left: "M14.5 6l-6 6 6 6",
  right: "M9.5 6l6 6-6 6",
  spark: "M12 4.2c.75 4.5 3.3 7.05 7.8 7.8-4.5.75-7.05 3.3-7.8 7.8-.75-4.5-3.3-7.05-7.8-7.8 4.5-.75 7.05-3.3 7.8-7.8Z",
  plane: "M20.5 4.5L3.5 11.2l5.6 2 M20.5 4.5l-3 14.6-8.4-5.9 M20.5 4.5L9.1 13.2v5.6l2.9-3.5",
  bin: "M5 7h14 M10 7V5h4v2 M7 7l.8 12h8.4L17 7 M10.5 10.5v5 M13.5 10.5v5",
  picture: "M4.5 6h15v12h-15z M4.5 15l4-4 4 4 2.5-2.5 4.5 4.5 M15.5 9.3h.01",
  check: "M5 12.5l4.5 4.5L19 7.5",
};

/**
 * A line icon; decoration only, so what carries it needs a label.
 *
 * @param {keyof typeof ICONS} name
 * @returns {SVGElement}
 */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", `icon icon-${name}`);
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

const ADDRESS = /\bhttps?:\/\/[^\s<>"']+/gi;
const TRAILING = /[.,;:!?)\]}’”]+$/;

/**
 * Text with its http(s) addresses as links; everything else stays text.
 *
 * @param {string} text
 * @returns {(Node | string)[]}
 */
export function withLinks(text) {
  /** @type {(Node | string)[]} */
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = match[0].replace(TRAILING, "");
    const href = safeAddress(address, address);
    if (!href) continue;
    parts.push(text.slice(end, match.index));
    parts.push(h("a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }, address));
    end = match.index + address.length;
  }
  parts.push(text.slice(end));
  return parts.filter((part) => part !== "");
}

/**
 * @param {string} address
 * @param {string} base
 * @returns {string}  "" unless it is http(s) and carries no user name or password
 */
export function safeAddress(address, base) {
  try {
    const url = new URL(address, base);
    const web = url.protocol === "https:" || url.protocol === "http:";
    return web && !url.username && !url.password ? url.href : "";
  } catch {
    return "";
  }
}
