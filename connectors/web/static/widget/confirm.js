/** "End this chat?": asks before anything is erased, and says so when erasing failed. */
import { h } from "./dom.js";
import { strings } from "./strings.js";

export class EndDialog {
  #problem = h("p", { class: "dialog-problem", role: "alert", hidden: true });
  #keep;
  #confirm;
  #closed;

  /**
   * @param {() => Promise<void>} end
   * @param {() => void} closed  Called when it goes away, whatever was chosen
   */
  constructor(end, closed) {
    this.#closed = closed;
    this.#keep = h("button", { type: "button", class: "plain-button", onclick: () => this.close() }, strings.endCancel);
    this.#confirm = h(
      "button",
      {
        type: "button",
        class: "danger-button",
        onclick: async () => {
          this.#confirm.disabled = true;
          this.#problem.hidden = true;
          try {
            await end();
            this.close();
          } catch {
            this.#problem.textContent = strings.endFailed;
            this.#problem.hidden = false;
          } finally {
            this.#confirm.disabled = false;
          }
        },
      },
      strings.endConfirm,
    );
    const box = h(
      "div",
      { class: "dialog", role: "alertdialog", "aria-modal": "true", "aria-labelledby": "end-title", "aria-describedby": "end-text" },
      h("h3", { id: "end-title" }, strings.endTitle),
      h("p", { id: "end-text" }, strings.endText),
      this.#problem,
      h("div", { class: "dialog-buttons" }, this.#keep, this.#confirm),
    );
    this.element = h("div", { class: "veil", hidden: true }, box);
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Tab") return;
      event.preventDefault();
      const here = /** @type {ShadowRoot} */ (box.getRootNode()).activeElement;
      (here === this.#keep ? this.#confirm : this.#keep).focus();
    });
  }

  get isOpen() {
    return !this.element.hidden;
  }

  open() {
    this.#problem.hidden = true;
    this.element.hidden = false;
    this.#keep.focus();
  }

  close() {
    this.element.hidden = true;
    this.#closed();
  }
}
