/** Colours of tags: those on offer, and whether what is written in one can be read. No DOM. */

/** The colours on offer, far apart to the eye. */
export const COLOURS = ["#6b7280", "#c2410c", "#b45309", "#4d7c0f", "#15803d", "#0f766e", "#0369a1", "#1d4ed8", "#6d28d9", "#a21caf", "#be185d", "#b91c1c"];

/** How much of its colour the ground and the words of a tag take: as in parts.css. */
export const GROUND = 0.13;
export const WORDS = 0.38;

/** @param {string} hex @returns {[number, number, number]} */
export function channels(hex) {
  return /** @type {[number, number, number]} */ ([1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)));
}

/** A part of one colour in another, as color-mix(in srgb) does it. @param {string} hex @param {number} part @param {string} into @returns {[number, number, number]} */
export function mix(hex, part, into) {
  const a = channels(hex);
  const b = channels(into);
  return /** @type {[number, number, number]} */ (a.map((value, i) => value * part + b[i] * (1 - part)));
}

/** Relative luminance (WCAG 2). @param {readonly number[]} rgb */
function luminance(rgb) {
  const [r, g, b] = rgb.map((value) => {
    const c = value / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** @param {readonly number[]} a @param {readonly number[]} b */
export function contrast(a, b) {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

/** How well the words of a tag can be read. @param {string} colour @param {{ink: string, panel: string}} theme */
export function legible(colour, theme) {
  return contrast(mix(colour, WORDS, theme.ink), mix(colour, GROUND, theme.panel));
}

/** The colour that fewest tags have. @param {readonly string[]} used */
export function freeColour(used) {
  const times = (/** @type {string} */ colour) => used.filter((other) => other.toLowerCase() === colour).length;
  return [...COLOURS.slice(1)].sort((a, b) => times(a) - times(b))[0];
}
