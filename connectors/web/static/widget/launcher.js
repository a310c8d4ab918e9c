/** The round button at the page's corner, its unread badge, and the teaser beside it. */
import { h, icon } from "./dom.js";
import { strings, unreadLabel } from "./strings.js";

export class Launcher {
  #badge = h("span", { class: "badge", hidden: true, "aria-hidden": "true" });
  #button;
  #teaser;

  /**
   * @param {string} teaser  "" for none
   * @param {() => void} toggle
   * @param {() => void} dismissed
   */
  constructor(teaser, toggle, dismissed) {
    this.#button = h(
      "button",
      { type: "button", class: "launcher", "aria-label": strings.open, "aria-expanded": "false", "aria-controls": "panel", onclick: toggle },
      icon("chat"),
      icon("close"),
      this.#badge,
    );
    this.#teaser = h(
      "div",
      { class: "teaser", hidden: true },
      h("button", { type: "button", class: "teaser-text", onclick: toggle }, teaser),
      h(
        "button",
        {
          type: "button",
          class: "teaser-close",
          "aria-label": strings.dismiss,
          onclick: () => {
            this.hideTeaser();
            dismissed();
          },
        },
        icon("close"),
      ),
    );
    this.element = h("div", { class: "corner" }, this.#teaser, this.#button);
  }

  focus() {
    this.#button.focus({ preventScroll: true });
  }

  showTeaser() {
    this.#teaser.hidden = false;
  }

  hideTeaser() {
    this.#teaser.hidden = true;
  }

  /**
   * @param {boolean} open
   * @param {number} unread
   */
  render(open, unread) {
    this.#button.setAttribute("aria-expanded", String(open));
    this.#button.classList.toggle("is-open", open);
    this.#button.setAttribute("aria-label", open ? strings.close : unread ? unreadLabel(unread) : strings.open);
    this.#badge.hidden = open || unread === 0;
    this.#badge.textContent = unread > 9 ? "9+" : String(unread);
  }
}
