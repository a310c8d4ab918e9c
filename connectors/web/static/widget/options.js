/**
 * What a shop can set: data- attributes of the script tag, or of a <parley-chat> of its own.
 *
 * @typedef {object} Options
 * @property {string} server         Origin (and path) of the chat API, without a slash at the end
 * @property {string} title
 * @property {string} accent         "#rrggbb"
 * @property {string} greeting
 * @property {"left" | "right"} position
 * @property {boolean} open          Open at once on pages the customer sees for the first time
 * @property {string} teaser         A line beside the button, or ""
 * @property {string[]} suggestions  What to ask, offered before the first message
 */
import { DEFAULT_ACCENT, parseHex } from "./colour.js";
import { strings } from "./strings.js";

export const OPTION_NAMES = ["server", "title", "accent", "greeting", "position", "open", "teaser", "suggestions"];

/**
 * @param {string} text
 * @param {string} base
 * @returns {string}  "" when it is no http(s) address
 */
function serverAddress(text, base) {
  try {
    const url = new URL(text, base);
    if (url.protocol !== "http:" && url.protocol !== "https:") return "";
    return (url.origin + url.pathname).replace(/\/+$/, "");
  } catch {
    return "";
  }
}

/**
 * Reads the options; a wrong one is named in the console and replaced by its default, never fatal.
 *
 * @param {(name: string) => string | null} read
 * @param {string} home  Where the script came from; the default server
 * @returns {Options}
 */
export function readOptions(read, home) {
  /** @param {string} message */
  const warn = (message) => console.warn(`parley-chat: ${message}`);

  const wantedServer = read("server") ?? home;
  const server = serverAddress(wantedServer, document.baseURI);
  if (!server) warn(`server "${wantedServer}" is no http(s) address; using the page's own.`);

  const accent = read("accent") ?? DEFAULT_ACCENT;
  const accentIsFine = parseHex(accent) !== null;
  if (!accentIsFine) warn(`accent "${accent}" is no colour such as "#1f5c4d"; using the default.`);

  const position = read("position") ?? "right";
  if (position !== "left" && position !== "right") warn(`position "${position}" is neither "left" nor "right".`);

  const open = read("open");
  return {
    server: server || location.origin,
    title: read("title") || strings.title,
    accent: accentIsFine ? accent : DEFAULT_ACCENT,
    greeting: read("greeting") || strings.greeting,
    position: position === "left" ? "left" : "right",
    open: open !== null && open !== "false",
    teaser: read("teaser") ?? "",
    suggestions: (read("suggestions") ?? "")
      .split("|")
      .map((text) => text.trim())
      .filter(Boolean),
  };
}
