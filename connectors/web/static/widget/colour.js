/**
 * Colours that stay readable whatever accent a shop chooses: contrast as WCAG 2.2 defines it, and a palette
 * derived from one accent in which every text colour reaches 4.5 : 1 on its ground.
 *
 * @typedef {[number, number, number]} Rgb  Each 0..255
 */

export const DEFAULT_ACCENT = "#1f5c4d";

const WHITE = /** @type {Rgb} */ ([255, 255, 255]);
const INK = /** @type {Rgb} */ ([20, 19, 17]);
/** The lightest and the darkest ground on which accent-coloured text may stand; kept in step with tokens.css. */
const LIGHT_GROUND = /** @type {Rgb} */ ([241, 239, 234]);
const DARK_GROUND = /** @type {Rgb} */ ([44, 44, 48]);
const READABLE = 4.5;

/**
 * @param {string} text  "#rgb" or "#rrggbb"
 * @returns {Rgb | null}  null when it is anything else
 */
export function parseHex(text) {
  const match = /^#(?:([0-9a-f]{3})|([0-9a-f]{6}))$/i.exec(text.trim());
  if (!match) return null;
  const digits = match[2] ?? [...(match[1] ?? "")].map((digit) => digit + digit).join("");
  const value = Number.parseInt(digits, 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** @param {Rgb} colour */
export const toHex = (colour) =>
  `#${colour.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("")}`;

/** @param {Rgb} colour */
function luminance(colour) {
  const [red, green, blue] = /** @type {Rgb} */ (
    colour.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    })
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/**
 * @param {Rgb} one
 * @param {Rgb} other
 * @returns {number}  1..21
 */
export function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

/**
 * @param {Rgb} from
 * @param {Rgb} to
 * @param {number} share  0 gives `from`, 1 gives `to`
 * @returns {Rgb}
 */
const mix = (from, to, share) =>
  /** @type {Rgb} */ (from.map((part, index) => Math.round(part + ((to[index] ?? 0) - part) * share)));

/**
 * @param {Rgb} colour
 * @param {Rgb} ground
 * @param {Rgb} towards  Where to move until it can be read
 */
function readableOn(colour, ground, towards) {
  for (let share = 0; share < 1; share += 0.02) {
    const candidate = mix(colour, towards, share);
    if (contrast(candidate, ground) >= READABLE) return candidate;
  }
  return towards;
}

/**
 * @param {string} accent
 * @returns {Record<string, string>}  CSS custom properties; an accent that can't be read gives the default's
 */
export function palette(accent) {
  const wanted = parseHex(accent) ?? /** @type {Rgb} */ (parseHex(DEFAULT_ACCENT));
  const inkReads = contrast(INK, wanted) >= READABLE;
  const dark = contrast(WHITE, wanted) < READABLE && inkReads;
  const fill = dark ? wanted : readableOn(wanted, WHITE, [0, 0, 0]);
  return {
    "--accent": toHex(fill),
    "--accent-strong": toHex(mix(fill, dark ? WHITE : [0, 0, 0], 0.14)),
    "--on-accent": toHex(dark ? INK : WHITE),
    "--accent-ink-light": toHex(readableOn(wanted, LIGHT_GROUND, [0, 0, 0])),
    "--accent-ink-dark": toHex(readableOn(wanted, DARK_GROUND, WHITE)),
    "--accent-soft-light": toHex(mix(WHITE, wanted, 0.08)),
    "--accent-soft-dark": toHex(mix([32, 32, 35], wanted, 0.18)),
  };
}
