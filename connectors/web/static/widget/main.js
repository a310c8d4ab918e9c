/** The script tag's entry: defines <parley-chat> and, where the page has none, adds one with the tag's data-. */
import { origin, ParleyChat } from "./element.js";
import { OPTION_NAMES } from "./options.js";

const script = /** @type {HTMLScriptElement | null} */ (
  document.currentScript ?? document.querySelector('script[src*="/widget.js"]')
);

if (script?.src) {
  origin.home = new URL(".", script.src).href;
  origin.nonce = script.nonce ?? "";
}

if (!customElements.get("parley-chat")) {
  customElements.define("parley-chat", ParleyChat);
  const add = () => {
    if (document.querySelector("parley-chat")) return;
    const element = document.createElement("parley-chat");
    for (const name of OPTION_NAMES) {
      const value = script?.dataset[name];
      if (value !== undefined) element.dataset[name] = value;
    }
    document.body.append(element);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", add);
  else add();
}
