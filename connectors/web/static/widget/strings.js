/** Every sentence a customer reads that the server didn't write. */
export const strings = {
  title: "Chat with us",
  greeting: "Hello! Tell me what you are looking for and I’ll find it, answer your questions, or fetch a colleague.",
  open: "Open chat",
  close: "Close chat",
  menu: "Chat options",
  dismiss: "Dismiss",
  takeAlong: "Continue on Telegram",
  ready: "This link takes your chat to Telegram. It works once.",
  openThere: "Open Telegram",
  moved: "Your chat goes on in Telegram. What you write here begins a new one.",
  end: "End chat and clear",
  endTitle: "End this chat?",
  endText: "The whole conversation is erased, here and on our side. Orders you placed stay valid.",
  endConfirm: "End and clear",
  endCancel: "Keep chatting",
  ended: "The chat was ended and its messages were erased.",
  endFailed: "The chat could not be erased just now. Nothing was changed; please try again.",
  placeholder: "Write a message…",
  composer: "Your message",
  send: "Send message",
  log: "Conversation",
  suggestions: "Suggestions",
  replies: "Suggested answers",
  typing: "is writing",
  assistant: "Assistant",
  colleague: "A colleague",
  you: "You",
  today: "Today",
  yesterday: "Yesterday",
  sending: "Sending…",
  waiting: "Will be sent once you are back online",
  sent: "Sent",
  failed: "Not sent.",
  retry: "Try again",
  discard: "Discard",
  newMessages: "New messages",
  previous: "Previous products",
  next: "Next products",
  outOfStock: "Out of stock",
  picture: "Picture of",
  best: "best",
  feature: "Feature",
  lost: "The connection was lost. Your messages are kept and we keep trying.",
  back: "You are connected again.",
  reconnect: "Try now",
  loading: "Fetching your conversation…",
  expired: "Your earlier chat has ended, so this is a new one.",
  statusBot: "Answers right away",
  statusQueued: "Waiting for a colleague",
  statusHuman: "is with you",
  statusHumanUnnamed: "A colleague is with you",
  statusOffline: "Reconnecting…",
  errorNetwork: "The chat could not be reached. Please check your connection.",
  errorServer: "Something went wrong on our side. Please try again in a moment.",
  errorTooMany: "That was a little fast. Please wait a moment and try again.",
  errorTooLong: "This message is too long. Please shorten it.",
  errorOrigin: "This chat isn’t set up for this web site yet.",
};

/**
 * @param {number} count
 * @returns {string}
 */
export const unreadLabel = (count) =>
  count === 1 ? "Open chat, 1 unread message" : `Open chat, ${count} unread messages`;

/**
 * @param {number} count
 * @returns {string}
 */
export const productsLabel = (count) => (count === 1 ? "1 product" : `${count} products`);

/**
 * @param {number} left  Negative when the text is too long
 * @returns {string}
 */
export const charactersLeft = (left) => {
  const count = Math.abs(left);
  const noun = count === 1 ? "character" : "characters";
  return left < 0 ? `${count} ${noun} too many` : `${count} ${noun} left`;
};
