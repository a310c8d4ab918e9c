/** Where the customer writes: grows with the text, Enter sends, Shift+Enter breaks the line. */
import { h, icon } from "./dom.js";
import { charactersLeft, strings } from "./strings.js";

const COUNT_FROM = 200;

export class Composer {
  #limit = 1000;
  #field;
  #counter = h("p", { class: "counter", id: "counter", hidden: true, "aria-live": "polite" });
  #button;

  /** @param {(text: string) => void} send */
  constructor(send) {
    this.#field = h("textarea", {
      rows: "1",
      placeholder: strings.placeholder,
      "aria-label": strings.composer,
      "aria-describedby": "counter",
      enterkeyhint: "send",
      autocomplete: "off",
    });
    this.#button = h("button", { type: "submit", class: "send", "aria-label": strings.send, disabled: true }, icon("send"));
    const submit = () => {
      const text = this.#field.value.trim();
      if (!text || this.#left() < 0) return;
      this.#field.value = "";
      this.#changed();
      send(text);
    };
    this.element = h(
      "form",
      {
        class: "composer",
        novalidate: true,
        onsubmit: (event) => {
          event.preventDefault();
          submit();
        },
      },
      h("div", { class: "field" }, this.#field, this.#button),
      this.#counter,
    );
    this.#field.addEventListener("input", () => this.#changed());
    this.#field.addEventListener("keydown", (event) => {
      // While an input method composes a word, Enter belongs to it.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      submit();
    });
  }

  focus() {
    this.#field.focus({ preventScroll: true });
  }

  /** @param {number} limit */
  setLimit(limit) {
    if (limit === this.#limit) return;
    this.#limit = limit;
    this.#changed();
  }

  /** Characters as the server counts them: code points, not UTF-16 units. */
  #left() {
    return this.#limit - [...this.#field.value.trim()].length;
  }

  #changed() {
    const left = this.#left();
    this.#counter.hidden = left > COUNT_FROM;
    this.#counter.textContent = this.#counter.hidden ? "" : charactersLeft(left);
    this.#counter.classList.toggle("over", left < 0);
    this.#field.setAttribute("aria-invalid", String(left < 0));
    this.#button.disabled = left < 0 || !this.#field.value.trim();
    // Collapsing first lets it shrink again; a class, since inline styles could be forbidden.
    this.#field.rows = 1;
    const line = parseFloat(getComputedStyle(this.#field).lineHeight) || 22;
    const padding = this.#field.offsetHeight - line;
    this.#field.rows = Math.min(6, Math.max(1, Math.round((this.#field.scrollHeight - padding) / line)));
  }
}
