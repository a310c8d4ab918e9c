/** <parley-chat>: puts the parts together in a shadow DOM and gives the page a few methods. */
import { Chat } from "./chat.js";
import { palette } from "./colour.js";
import { h } from "./dom.js";
import { Launcher } from "./launcher.js";
import { readOptions } from "./options.js";
import { Panel } from "./panel.js";
import { Vault } from "./storage.js";
import { unreadCount } from "./store.js";
import { adoptStyles } from "./styles.js";

const TEASER_AFTER = 1_500;

/** Where the script came from and its nonce, set by main.js before the element is defined. */
export const origin = { home: location.origin, nonce: "" };

export class ParleyChat extends HTMLElement {
  /** @type {Chat | null} */
  #chat = null;
  /** @type {Panel | null} */
  #panel = null;
  /** @type {Launcher | null} */
  #launcher = null;
  /** @type {Vault | null} */
  #vault = null;
  #teaser = 0;
  #abort = new AbortController();

  connectedCallback() {
    if (this.shadowRoot) {
      this.#chat?.resume();
      return;
    }
    const options = readOptions((name) => this.dataset[name] ?? null, origin.home);
    const root = this.attachShadow({ mode: "open" });
    adoptStyles(root, palette(options.accent), origin.nonce);

    const vault = new Vault(options.server);
    const chat = new Chat(options.server, vault);
    const panel = new Panel(options, chat, () => this.close());
    const launcher = new Launcher(options.teaser, () => this.toggle(), () => vault.set("teaser", "dismissed"));
    this.#vault = vault;
    this.#chat = chat;
    this.#panel = panel;
    this.#launcher = launcher;
    root.append(h("div", { class: `widget ${options.position}` }, panel.element, launcher.element));

    chat.store.subscribe(() => this.#render());
    document.addEventListener("visibilitychange", () => this.#render(), { signal: this.#abort.signal });
    chat.resume();
    this.#render();

    if (this.#wasOpen(options.open)) this.#show(false);
    else if (options.teaser && vault.get("teaser") === null && !chat.store.state.session) {
      this.#teaser = setTimeout(() => !panel.isOpen && launcher.showTeaser(), TEASER_AFTER);
    }
  }

  disconnectedCallback() {
    clearTimeout(this.#teaser);
    this.#chat?.leave();
  }

  /** Opens the chat and moves the focus into it. */
  open() {
    this.#show(true);
  }

  /** Closes the chat and gives the focus back to its button. */
  close() {
    if (!this.#panel?.isOpen) return;
    this.#panel.close();
    this.#vault?.set("open", false);
    this.#render();
    this.#launcher?.focus();
  }

  toggle() {
    if (this.#panel?.isOpen) this.close();
    else this.open();
  }

  /**
   * Opens the chat and sends this for the customer; for a page's own "ask about this" buttons.
   *
   * @param {string} text
   */
  ask(text) {
    this.open();
    this.#chat?.say(text);
  }

  /** @param {boolean} byHand */
  #show(byHand) {
    if (!this.#panel || this.#panel.isOpen) return;
    clearTimeout(this.#teaser);
    this.#launcher?.hideTeaser();
    this.#vault?.set("open", true);
    this.#panel.open(byHand);
    this.#render();
  }

  /**
   * As the customer left it on the page before; small screens start closed, since the chat would cover everything.
   *
   * @param {boolean} wanted  The shop's own choice
   */
  #wasOpen(wanted) {
    const kept = this.#vault?.get("open");
    if (matchMedia("(max-width: 480px)").matches) return false;
    return typeof kept === "boolean" ? kept : wanted;
  }

  #render() {
    const state = this.#chat?.store.state;
    if (!state || !this.#panel || !this.#launcher) return;
    if (this.#panel.isOpen && !document.hidden) this.#chat?.store.markRead();
    this.#panel.render(state);
    this.#launcher.render(this.#panel.isOpen, unreadCount(state));
  }
}
