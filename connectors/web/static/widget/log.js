/** The conversation's log: brings the page in step with the state, announces what is new, keeps the place. */
import { h, icon } from "./dom.js";
import { contentOf, rowElement, updateRow } from "./message.js";
import { toRows } from "./rows.js";
import { strings } from "./strings.js";

/** @typedef {import("./message.js").MessageActions} MessageActions */
/** @typedef {import("./types.js").State} State */

const NEAR_END = 80;
const ANCHOR_MARGIN = 16;

export class Log {
  #server;
  #actions;
  /** @type {Map<string, {content: string, stand: string, element: HTMLElement}>} */
  #shown = new Map();
  #intro;
  #loading = h("p", { class: "notice loading" }, strings.loading);
  #typing;
  #list = h("div", { class: "log-list", role: "log", "aria-label": strings.log, "aria-live": "off" });
  #scroller;
  #jump;
  #follow = true;
  /** Where the newest arrival begins; it stays in view when what follows is taller than the window. */
  /** @type {HTMLElement | null} */
  #anchor = null;
  #placed = -1;

  /**
   * @param {HTMLElement} intro  What stands above the first message
   * @param {string} server
   * @param {MessageActions} actions
   */
  constructor(intro, server, actions) {
    this.#server = server;
    this.#actions = actions;
    this.#intro = intro;
    this.#typing = h(
      "div",
      { class: "typing", hidden: true },
      h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")),
      h("span", { class: "sr-only" }),
    );
    this.#jump = h(
      "button",
      { type: "button", class: "jump", hidden: true, onclick: () => this.toEnd(null) },
      icon("down"),
      strings.newMessages,
    );
    this.#scroller = h("div", { class: "scroller", tabindex: "-1" }, this.#intro, this.#loading, this.#list, this.#typing);
    this.#scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    const resized = new ResizeObserver(() => this.#follow && this.toEnd(this.#anchor));
    resized.observe(this.#scroller);
    resized.observe(this.#list);
    this.element = h("div", { class: "log" }, this.#scroller, this.#jump);
  }

  /** @param {Readonly<State>} state */
  render(state) {
    const history = state.loading || this.#shown.size === 0;
    this.#loading.hidden = !state.loading;
    const arrived = this.#reconcile(state);
    this.#showTyping(state);
    const first = arrived[0];
    const own = arrived.some((element) => element.classList.contains("own"));
    if (this.#follow || own) this.toEnd(history ? null : (first ?? this.#anchor));
    else if (first) this.#jump.hidden = false;
    // A history that appears at once is not news; what comes after it is.
    if (!state.loading) requestAnimationFrame(() => this.#list.setAttribute("aria-live", "polite"));
    else this.#list.setAttribute("aria-live", "off");
  }

  /** @param {HTMLElement | null} anchor  Stays in view; null goes to the very end */
  toEnd(anchor) {
    this.#anchor = anchor?.isConnected ? anchor : null;
    this.#follow = true;
    this.#jump.hidden = true;
    const end = this.#scroller.scrollHeight - this.#scroller.clientHeight;
    const top = this.#anchor ? this.#anchor.offsetTop - this.#scroller.offsetTop - ANCHOR_MARGIN : end;
    this.#scroller.scrollTop = Math.min(end, top);
    this.#placed = this.#scroller.scrollTop;
  }

  /**
   * @param {Readonly<State>} state
   * @returns {HTMLElement[]}  What is new
   */
  #reconcile(state) {
    /** @type {HTMLElement[]} */
    const arrived = [];
    const rows = toRows(state, new Date());
    const keys = new Set(rows.map(({ key }) => key));
    for (const [key, { element }] of this.#shown) {
      if (!keys.has(key)) {
        element.remove();
        this.#shown.delete(key);
      }
    }
    /** @type {Element | null} */
    let place = this.#list.firstElementChild;
    for (const row of rows) {
      const content = contentOf(row);
      const stand = JSON.stringify(row);
      const known = this.#shown.get(row.key);
      let element = known?.element;
      if (known && known.content === content) {
        if (known.stand !== stand) updateRow(known.element, row, this.#actions);
        known.stand = stand;
      } else {
        const fresh = rowElement(row, this.#server, this.#actions);
        if (element) {
          if (place === element) place = fresh;
          if (this.#anchor === element) this.#anchor = fresh;
          keepPlace(element, fresh);
        } else {
          arrived.push(fresh);
        }
        element = fresh;
        this.#shown.set(row.key, { content, stand, element });
      }
      if (element && element === place) place = place.nextElementSibling;
      else if (element) this.#list.insertBefore(element, place);
    }
    return arrived;
  }

  /** @param {Readonly<State>} state */
  #showTyping(state) {
    this.#typing.hidden = !state.typing;
    const who = state.status === "human" ? state.assignee || strings.colleague : strings.assistant;
    const label = this.#typing.lastElementChild;
    if (label) label.textContent = `${who} ${strings.typing}`;
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    this.#follow = Math.abs(scrollTop - this.#placed) < 2 || scrollHeight - scrollTop - clientHeight < NEAR_END;
    if (this.#follow) this.#jump.hidden = true;
  }
}

/**
 * Replaces a row without throwing the customer out of it: the carousel stays where it was scrolled to.
 *
 * @param {HTMLElement} old
 * @param {HTMLElement} fresh
 */
function keepPlace(old, fresh) {
  const left = old.querySelector(".cards")?.scrollLeft ?? 0;
  const root = /** @type {ShadowRoot | Document} */ (old.getRootNode());
  const focusable = "button, [tabindex]";
  const focused = [...old.querySelectorAll(focusable)].findIndex((item) => item === root.activeElement);
  old.replaceWith(fresh);
  const cards = fresh.querySelector(".cards");
  if (cards) cards.scrollLeft = left;
  const target = fresh.querySelectorAll(focusable)[focused];
  if (target instanceof HTMLElement) target.focus({ preventScroll: true });
}
