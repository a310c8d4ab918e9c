/** The open chat: header with menu, banner, log, composer. */
import { Composer } from "./composer.js";
import { EndDialog } from "./confirm.js";
import { h, icon } from "./dom.js";
import { Log } from "./log.js";
import { strings } from "./strings.js";

/** @typedef {import("./chat.js").Chat} Chat */
/** @typedef {import("./options.js").Options} Options */
/** @typedef {import("./types.js").State} State */

const BACK_FOR = 3_000;

const onTouchScreen = () => matchMedia("(pointer: coarse)").matches;

export class Panel {
  #chat;
  #status = h("p", { class: "status", role: "status" });
  #avatar = h("span", { class: "avatar", "aria-hidden": "true" }, icon("spark"));
  #banner = h("div", { class: "banner", role: "status", hidden: true });
  #suggestions;
  #log;
  #composer;
  #dialog;
  #menuButton;
  #menu;
  #takeAlong;
  #wasOffline = false;
  #backTimer = 0;
  #bannerText = "";

  /**
   * @param {Options} options
   * @param {Chat} chat
   * @param {() => void} close
   */
  constructor(options, chat, close) {
    this.#chat = chat;
    const say = (/** @type {string} */ text, /** @type {string | undefined} */ choice) => {
      chat.say(text, choice);
      // The pressed button is about to be disabled, which would lose the focus.
      if (!onTouchScreen()) this.#composer.focus();
    };
    this.#suggestions = h(
      "div",
      { class: "replies", role: "group", "aria-label": strings.suggestions },
      ...options.suggestions.map((text) => h("button", { type: "button", class: "reply", onclick: () => say(text, undefined) }, text)),
    );
    const intro = h("div", { class: "intro" }, h("div", { class: "bubble" }, options.greeting), this.#suggestions);
    this.#log = new Log(intro, options.server, {
      choose: (choice) => say(choice.title, choice.id),
      retry: (clientId) => chat.retry(clientId),
      discard: (clientId) => chat.store.discard(clientId),
    });
    this.#composer = new Composer((text) => chat.say(text));
    this.#dialog = new EndDialog(
      async () => {
        await chat.end();
        chat.store.update({ problem: strings.ended });
      },
      () => this.#composer.focus(),
    );
    this.#menuButton = h(
      "button",
      { type: "button", class: "icon-button", "aria-label": strings.menu, "aria-expanded": "false", "aria-controls": "menu", onclick: () => this.#toggleMenu() },
      icon("more"),
    );
    this.#takeAlong = h(
      "button",
      { type: "button", class: "menu-item", hidden: true, onclick: () => this.#goOnThere() },
      icon("plane"),
      strings.takeAlong,
    );
    this.#menu = h(
      "div",
      { class: "menu", id: "menu", hidden: true },
      this.#takeAlong,
      h("button", { type: "button", class: "menu-item", onclick: () => this.#askToEnd() }, icon("bin"), strings.end),
    );
    this.element = h(
      "section",
      { class: "panel", id: "panel", role: "dialog", "aria-label": options.title, hidden: true },
      h(
        "header",
        { class: "header" },
        this.#avatar,
        h("div", { class: "heading" }, h("h2", {}, options.title), this.#status),
        this.#menuButton,
        h("button", { type: "button", class: "icon-button", "aria-label": strings.close, onclick: close }, icon("close")),
        this.#menu,
      ),
      this.#banner,
      this.#log.element,
      this.#composer.element,
      this.#dialog.element,
    );
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      if (this.#dialog.isOpen) this.#dialog.close();
      else if (!this.#menu.hidden) this.#toggleMenu();
      else close();
    });
    this.element.addEventListener("click", (event) => {
      const inMenu = event.composedPath().some((node) => node === this.#menu || node === this.#menuButton);
      if (!this.#menu.hidden && !inMenu) this.#toggleMenu();
    });
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /** @param {boolean} takeFocus  Not when it opens by itself */
  open(takeFocus) {
    this.element.hidden = false;
    this.#log.toEnd(null);
    if (!takeFocus) return;
    // On touch screens focusing the field would pull up a keyboard over the conversation.
    if (!onTouchScreen()) this.#composer.focus();
    else this.#menuButton.focus({ preventScroll: true });
  }

  close() {
    this.element.hidden = true;
    this.#menu.hidden = true;
    this.#menuButton.setAttribute("aria-expanded", "false");
    if (this.#dialog.isOpen) this.#dialog.close();
  }

  /** @param {Readonly<State>} state */
  render(state) {
    const untouched = state.messages.length === 0 && state.outgoing.length === 0 && !state.loading;
    this.#suggestions.hidden = !untouched;
    this.#composer.setLimit(state.limit);
    this.#takeAlong.hidden = !state.session || !state.continueOn.includes("telegram");
    this.#showStatus(state);
    this.#showBanner(state);
    this.#log.render(state);
  }

  #toggleMenu() {
    this.#menu.hidden = !this.#menu.hidden;
    this.#menuButton.setAttribute("aria-expanded", String(!this.#menu.hidden));
    if (this.#menu.hidden) this.#menuButton.focus();
    else /** @type {HTMLElement} */ (this.#menu.querySelector("button:not([hidden])")).focus();
  }

  #goOnThere() {
    this.#toggleMenu();
    this.#chat.takeAlong("telegram");
  }

  #askToEnd() {
    this.#menu.hidden = true;
    this.#menuButton.setAttribute("aria-expanded", "false");
    this.#dialog.open();
  }

  /** @param {Readonly<State>} state */
  #showStatus({ status, assignee, link }) {
    const human = assignee ? `${assignee} ${strings.statusHuman}` : strings.statusHumanUnnamed;
    const texts = { bot: strings.statusBot, queued: strings.statusQueued, human, resolved: strings.statusBot };
    const text = link === "offline" ? strings.statusOffline : texts[status];
    if (this.#status.textContent !== text) this.#status.textContent = text;
    this.element.dataset.status = link === "offline" ? "offline" : status;
    const initial = status === "human" ? (assignee[0] ?? "").toUpperCase() : "";
    if (this.#avatar.textContent !== initial || !this.#avatar.hasChildNodes()) {
      this.#avatar.replaceChildren(initial || icon("spark"));
    }
  }

  /** @param {Readonly<State>} state */
  #showBanner({ link, problem, elsewhere }) {
    if (link === "offline") {
      this.#wasOffline = true;
      this.#setBanner("lost", strings.lost);
    } else if (this.#wasOffline && link === "online") {
      this.#wasOffline = false;
      this.#setBanner("back", strings.back);
      this.#backTimer = setTimeout(() => this.#setBanner("", ""), BACK_FOR);
    } else if (problem) {
      this.#setBanner("problem", problem);
    } else if (elsewhere) {
      this.#setBanner("elsewhere", strings.ready, elsewhere);
    } else if (this.#banner.dataset.kind === "problem" || this.#banner.dataset.kind === "elsewhere") {
      this.#setBanner("", "");
    }
  }

  /**
   * @param {"" | "lost" | "back" | "problem" | "elsewhere"} kind
   * @param {string} text
   * @param {string} [href]  Where it leads
   */
  #setBanner(kind, text, href = "") {
    if (this.#bannerText === text + href) return;
    clearTimeout(this.#backTimer);
    this.#bannerText = text + href;
    this.#banner.dataset.kind = kind;
    this.#banner.hidden = !text;
    const dismiss = () => this.#chat.store.update({ problem: "" });
    const button =
      kind === "lost"
        ? h("button", { type: "button", class: "link", onclick: () => this.#chat.reconnect() }, strings.reconnect)
        : kind === "elsewhere"
          ? h("a", { class: "link", href, target: "_blank", rel: "noopener noreferrer" }, strings.openThere)
          : kind === "problem" && h("button", { type: "button", class: "icon-button", "aria-label": strings.dismiss, onclick: dismiss }, icon("close"));
    this.#banner.replaceChildren(...[h("span", {}, text), button || ""].filter(Boolean));
  }
}
