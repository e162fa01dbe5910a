/** When to come back to a conversation, and what time it is where the contact is. */
import { clock, upcoming } from "../shared/format.js";
import { t } from "../shared/i18n.js";

/** @typedef {import("../shared/types.js").Contact} Contact */

/**
 * Times to snooze until. The week begins on Sunday where the shop's zone is Dhaka's, on Monday elsewhere.
 * @param {Date} now @param {string} zone @returns {{label: string, hint: string, at: Date}[]}
 */
export function snoozeChoices(now, zone) {
  const at = (/** @type {number} */ days, /** @type {number} */ hour) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour);
  const later = new Date(now.getTime() + 3 * 3_600_000);
  later.setMinutes(0, 0, 0);
  const weekStart = zone === "Asia/Dhaka" ? 0 : 1;
  const days = (weekStart - now.getDay() + 7) % 7 || 7;
  const choices = [{ label: t("desk.snooze_hour"), at: new Date(now.getTime() + 3_600_000) }];
  if (now.getHours() < 17) choices.push({ label: t("desk.snooze_later"), at: later });
  choices.push({ label: t("desk.snooze_tomorrow"), at: at(1, 9) });
  if (days > 1) choices.push({ label: t("desk.snooze_week"), at: at(days, 9) });
  return choices.map((choice) => ({ ...choice, hint: upcoming(choice.at, now.getTime()) }));
}

/** Countries with one time zone, by calling code. @type {Record<string, string>} */
const ZONES = {
  880: "Asia/Dhaka", 91: "Asia/Kolkata", 92: "Asia/Karachi", 94: "Asia/Colombo", 977: "Asia/Kathmandu", 44: "Europe/London", 49: "Europe/Berlin",
  33: "Europe/Paris", 39: "Europe/Rome", 31: "Europe/Amsterdam", 46: "Europe/Stockholm", 966: "Asia/Riyadh", 971: "Asia/Dubai", 974: "Asia/Qatar",
  965: "Asia/Kuwait", 968: "Asia/Muscat", 973: "Asia/Bahrain", 65: "Asia/Singapore", 60: "Asia/Kuala_Lumpur", 66: "Asia/Bangkok", 81: "Asia/Tokyo", 82: "Asia/Seoul",
};

/** Where a contact's clock runs: by the phone number's country, else the shop's. @param {Contact} contact @param {string} shopZone */
export function zoneOf(contact, shopZone) {
  for (const { kind, value } of contact.identities ?? []) {
    const number = kind === "phone" ? value.replace(/[^\d+]/g, "") : "";
    if (!number.startsWith("+")) continue;
    for (const length of [3, 2]) {
      const zone = ZONES[number.slice(1, 1 + length)];
      if (zone) return zone;
    }
  }
  return shopZone;
}

/** The clock in a zone, or empty when the zone is not known here. @param {string} zone @param {number} now */
export function clockIn(zone, now) {
  try {
    return zone ? clock(now, zone) : "";
  } catch {
    return "";
  }
}
