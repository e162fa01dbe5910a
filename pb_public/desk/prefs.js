/** What this browser remembers for the person: theme, language, switches, drafts. Storage that is full or forbidden is no error. */

/** @param {string} key */
export function recall(key) {
  try {
    return localStorage.getItem(`shohay.${key}`) ?? "";
  } catch {
    return "";
  }
}

/** @param {string} key @param {string} value empty removes it */
export function remember(key, value) {
  try {
    if (value) localStorage.setItem(`shohay.${key}`, value);
    else localStorage.removeItem(`shohay.${key}`);
  } catch {
    // Without storage the desk works; it only forgets.
  }
}

/** @param {string} prefix */
export function recallAll(prefix) {
  /** @type {[string, string][]} */
  const found = [];
  try {
    for (let i = 0; i < localStorage.length; i++) {
      const key = localStorage.key(i) ?? "";
      if (key.startsWith(`shohay.${prefix}`)) found.push([key.slice(7), localStorage.getItem(key) ?? ""]);
    }
  } catch {
    // As above.
  }
  return found;
}

/** Applies the chosen theme. */
export function applyTheme() {
  const theme = recall("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

/** A switch that is on unless it was turned off. @param {string} key */
export function isOn(key) {
  return recall(key) !== "off";
}

/** @param {string} conversation @returns {import("./types.js").Draft | null} */
export function draftOf(conversation) {
  try {
    const draft = JSON.parse(recall(`draft.${conversation}`) || "null");
    return draft && typeof draft.text === "string" ? draft : null;
  } catch {
    return null;
  }
}

/** @param {string} conversation @param {import("./types.js").Draft | null} draft */
export function keepDraft(conversation, draft) {
  remember(`draft.${conversation}`, draft && (draft.text.trim() || draft.cc || draft.bcc) ? JSON.stringify(draft) : "");
}

/** Forgets drafts that nobody touched for two months. */
export function pruneDrafts() {
  for (const [key, text] of recallAll("draft.")) {
    try {
      if (Date.now() - JSON.parse(text).at > 60 * 86_400_000) remember(key, "");
    } catch {
      remember(key, "");
    }
  }
}
