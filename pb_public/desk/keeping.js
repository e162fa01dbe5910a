/** What a number of days means for a kind of thing that is kept. */

/** @typedef {{name: string, field: string, days: number, first: number, least: number, most: number, zero: "forever" | "at_once" | "usual" | ""}} Kind */

/** For how many days something is kept, given what the owner wrote. @param {Kind} kind @param {number} days */
export function kept(kind, days) {
  if (days > 0 || kind.zero === "at_once") return days;
  return kind.zero === "forever" ? Infinity : kind.first;
}

/** @param {Kind} kind @param {number} days */
export function fits(kind, days) {
  if (!Number.isInteger(days)) return false;
  return days === 0 ? kind.zero !== "" : days >= kind.least && days <= kind.most;
}

/** Whether something may go earlier than it would now. @param {Kind} kind @param {number} days */
export function shorter(kind, days) {
  return kept(kind, days) < kept(kind, kind.days);
}
