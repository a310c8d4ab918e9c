/** Product cards: a row that scrolls sideways, by touch, by buttons and by arrow keys. */
import { h, icon, safeAddress } from "./dom.js";
import { productsLabel, strings } from "./strings.js";

/** @typedef {import("./types.js").Card} Card */
/** @typedef {import("./types.js").Choice} Choice */

/**
 * @param {Card[]} cards
 * @param {string} server  What a relative picture address is relative to
 * @param {(choice: Choice) => void} choose
 * @returns {HTMLElement}
 */
export function carousel(cards, server, choose) {
  const items = cards.map((card, index) => cardItem(card, index, server, choose));
  const list = h(
    "ul",
    { class: "cards", "aria-label": productsLabel(cards.length), onkeydown: (event) => moveByKey(event, items) },
    ...items,
  );
  const root = h("div", { class: cards.length === 1 ? "carousel single" : "carousel" }, list);
  if (cards.length > 1) root.append(arrow("left", list), arrow("right", list));
  return root;
}

/**
 * @param {Card} card
 * @param {number} index
 * @param {string} server
 * @param {(choice: Choice) => void} choose
 */
function cardItem(card, index, server, choose) {
  const buttons = card.choices.map((choice, place) =>
    h(
      "button",
      {
        type: "button",
        class: place === 0 ? "card-button main" : "card-button",
        "aria-label": `${choice.title}: ${card.title}`,
        onclick: () => choose(choice),
      },
      choice.title,
    ),
  );
  return h(
    "li",
    { class: "card", tabindex: index === 0 ? "0" : "-1", "data-sku": card.sku, "aria-label": `${card.title}, ${card.price_text}` },
    picture(card, server),
    h(
      "div",
      { class: "card-body" },
      h("h3", { class: "card-title" }, card.title),
      h(
        "p",
        { class: "card-price" },
        card.price_text,
        !card.in_stock && h("span", { class: "card-stock" }, strings.outOfStock),
      ),
      card.reason && h("p", { class: "card-reason" }, icon("check"), h("span", {}, card.reason)),
      card.facts.length > 0 && h("ul", { class: "card-facts" }, ...card.facts.map((fact) => h("li", {}, fact))),
      buttons.length > 0 && h("div", { class: "card-buttons" }, ...buttons),
    ),
  );
}

/**
 * The product's picture, or a calm placeholder where there is none or it doesn't load.
 *
 * @param {Card} card
 * @param {string} server
 */
function picture(card, server) {
  const frame = h("div", { class: "card-picture" }, icon("picture"));
  const address = card.image ? safeAddress(card.image, `${server}/`) : "";
  if (address) {
    const image = h("img", { src: address, alt: `${strings.picture} ${card.title}`, loading: "lazy", decoding: "async" });
    image.addEventListener("load", () => frame.classList.add("loaded"));
    image.addEventListener("error", () => image.remove());
    frame.append(image);
  }
  return frame;
}

/**
 * @param {"left" | "right"} direction
 * @param {HTMLElement} list
 */
function arrow(direction, list) {
  const button = h(
    "button",
    {
      type: "button",
      class: `card-arrow ${direction}`,
      "aria-label": direction === "left" ? strings.previous : strings.next,
      onclick: () => list.scrollBy({ left: (direction === "left" ? -0.8 : 0.8) * list.clientWidth }),
    },
    icon(direction),
  );
  const update = () => {
    const room = list.scrollWidth - list.clientWidth;
    button.hidden = direction === "left" ? list.scrollLeft < 4 : list.scrollLeft > room - 4;
  };
  list.addEventListener("scroll", update, { passive: true });
  new ResizeObserver(update).observe(list);
  return button;
}

/**
 * Left and right, Home and End move between cards; only one of them is a tab stop.
 *
 * @param {Event} event
 * @param {HTMLElement[]} items
 */
function moveByKey(event, items) {
  if (!(event instanceof KeyboardEvent)) return;
  const current = items.findIndex((item) => item.contains(/** @type {Node} */ (event.target)));
  /** @type {Record<string, number>} */
  const moves = { ArrowLeft: current - 1, ArrowRight: current + 1, Home: 0, End: items.length - 1 };
  const target = items[moves[event.key] ?? -1];
  if (!target) return;
  event.preventDefault();
  for (const item of items) item.tabIndex = item === target ? 0 : -1;
  target.focus({ preventScroll: true });
  target.scrollIntoView({ block: "nearest", inline: "nearest" });
}
