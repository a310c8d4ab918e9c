import { strings } from "./strings.js";

/** @param {Date} at */
export const dayKey = (at) => `${at.getFullYear()}-${at.getMonth() + 1}-${at.getDate()}`;

/**
 * @param {Date} at
 * @param {Date} now
 * @returns {string}  "Today", "Yesterday" or a date, in the customer's time zone
 */
export function dayLabel(at, now) {
  if (dayKey(at) === dayKey(now)) return strings.today;
  const yesterday = new Date(now);
  yesterday.setDate(now.getDate() - 1);
  if (dayKey(at) === dayKey(yesterday)) return strings.yesterday;
  const year = at.getFullYear() === now.getFullYear() ? undefined : "numeric";
  return at.toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long", year });
}

/** @param {Date} at */
export const clockTime = (at) => at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
