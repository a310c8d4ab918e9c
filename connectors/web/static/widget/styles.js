/** The widget's style sheets, adopted rather than written into the page, so that a strict policy allows them. */
import base from "./base.css";
import cards from "./cards.css";
import messages from "./messages.css";
import panel from "./panel.css";
import table from "./table.css";

/**
 * @param {ShadowRoot} root
 * @param {Record<string, string>} colours  CSS custom properties
 * @param {string} nonce  The script tag's, for browsers that can't adopt style sheets
 */
export function adoptStyles(root, colours, nonce) {
  const properties = Object.entries(colours).map(([name, value]) => `${name}:${value};`);
  const text = [base, panel, messages, cards, table, `:host{${properties.join("")}}`].join("\n");
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    root.adoptedStyleSheets = [sheet];
  } catch {
    const style = document.createElement("style");
    if (nonce) style.nonce = nonce;
    style.textContent = text;
    root.append(style);
  }
}
