/** The demo shop's page: everything marked data-ask is asked in the chat. */

/** @typedef {HTMLElement & {ask(text: string): void}} Chat */

document.addEventListener("click", (event) => {
  const asking = event.target instanceof Element ? event.target.closest("[data-ask]") : null;
  const chat = /** @type {Chat | null} */ (document.querySelector("parley-chat"));
  if (asking instanceof HTMLElement && asking.dataset.ask) chat?.ask(asking.dataset.ask);
});
