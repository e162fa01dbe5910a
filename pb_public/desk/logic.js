/** What the desk decides without a page: pure functions, tested without one. */
import { digits, lasted, upcoming } from "../shared/format.js";
import { t } from "../shared/i18n.js";

/**
 * @typedef {import("../shared/types.js").Row} Row
 * @typedef {import("../shared/types.js").Message} Message
 * @typedef {import("../shared/types.js").Canned} Canned
 * @typedef {import("../shared/types.js").Status} Status
 */

/** The views that are always there, in their order. */
export const VIEWS = /** @type {const} */ (["unassigned", "mine", "mentions", "open", "pending", "snoozed", "solved"]);

/** What is put aside: nobody waits for it, and nothing of it is lost. */
export const ASIDE = /** @type {const} */ (["automatic", "spam"]);

/** The names of views that people gave: those of tags, and saved ones. @type {Map<string, string>} */
export const givenNames = new Map();

/** The icon of a view. @param {string} view */
export function viewIcon(view) {
  if (view.startsWith("channel:")) return channelIcon(view.slice(8));
  if (view.startsWith("tag:")) return "tag";
  if (view.startsWith("saved:")) return "views";
  return { deleted: "trash", unassigned: "inbox", mine: "me", mentions: "at", open: "stack", pending: "clock", snoozed: "snooze", solved: "check", automatic: "robot", spam: "block" }[view] ?? "stack";
}

/** @param {string} view */
export function viewName(view) {
  if (view.startsWith("channel:")) return channelName(view.slice(8));
  return view.includes(":") ? givenNames.get(view) ?? t("desk.view_gone") : t(`desk.view_${view}`);
}

/** @param {string} channel */
export function channelIcon(channel) {
  return { chat: "chat", email: "mail", portal: "globe", phone: "phone" }[channel] ?? "chat";
}

/** @param {string} channel */
export function channelName(channel) {
  return { chat: t("desk.channel_chat"), email: t("desk.channel_email"), portal: t("desk.channel_portal"), phone: t("desk.channel_phone") }[channel] ?? channel;
}

/** Whether a conversation is listed by a view. @param {Row} row @param {string} view @param {string} me */
export function belongs(row, view, me) {
  if (row.merged_into) return false;
  if (view === "deleted" || row.deleted_at) return view === "deleted" && Boolean(row.deleted_at);
  if (view.startsWith("tag:")) return row.status === "open" && row.tags.includes(view.slice(4));
  if (view.startsWith("channel:")) return row.status === "open" && row.channel === view.slice(8);
  if (view === "mine") return row.status === "open" && row.assignee === me;
  if (view === "unassigned") return row.status === "open" && row.assignee === "";
  if (view === "spam") return row.spam === true;
  if (row.spam) return false;
  if (view === "all") return true;
  if (view === "automatic") return row.automatic === true;
  return row.status === view && !(view === "solved" && row.automatic);
}

/** @param {string} a @param {string} b */
function compareText(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What is due first, then what nothing is due of, the newest first. @param {Row} a @param {Row} b */
function dueFirst(a, b) {
  if (a.due_at && b.due_at) return compareText(a.due_at, b.due_at) || compareText(a.id, b.id);
  return (b.due_at ? 1 : 0) - (a.due_at ? 1 : 0) || compareText(b.last_activity, a.last_activity) || compareText(b.id, a.id);
}

/** The orders of a list. */
export const SORTS = /** @type {const} */ (["newest", "waiting", "due", "priority"]);

/** @typedef {"newest" | "waiting" | "due" | "priority"} Sort */

/** The priorities, the most urgent first. */
export const PRIORITIES = [2, 1, 0, -1];

/** @param {number} priority */
export function priorityName(priority) {
  return t(`desk.priority_${{ 2: "urgent", 1: "high", 0: "normal", "-1": "low" }[priority] ?? "normal"}`);
}

/** @param {Sort} sort @returns {(a: Row, b: Row) => number} */
export function comparing(sort) {
  if (sort === "due") return dueFirst;
  /** @type {(a: Row, b: Row) => number} */
  const newest = (a, b) => compareText(b.last_activity, a.last_activity) || compareText(b.id, a.id);
  if (sort === "newest") return newest;
  if (sort === "priority") return (a, b) => b.priority - a.priority || newest(a, b);
  // First those who wait, the longest in front, then the others: as in the server's pages.
  const waits = (/** @type {Row} */ row) => (row.status === "open" && row.waiting_since ? 1 : 0);
  return (a, b) => waits(b) - waits(a) || (waits(a) ? compareText(a.waiting_since, b.waiting_since) || compareText(a.id, b.id) : newest(a, b));
}

/** Rows that are drawn of a list; a short one is drawn whole. */
const DRAWN_WHOLE = 120;
const DRAWN_AROUND = 20;

/**
 * Which rows of a long list are in the page.
 * @param {number} n @param {number} height of a row, 0 when it is not known yet @param {number} top @param {number} seen height of what is seen
 */
export function shownRows(n, height, top, seen) {
  if (n <= DRAWN_WHOLE || height <= 0) return { from: 0, to: Math.min(n, height > 0 ? n : DRAWN_WHOLE) };
  // In steps, so that not each pixel of scrolling draws anew.
  const first = Math.max(0, Math.floor(top / height / 10) * 10 - DRAWN_AROUND);
  const count = Math.ceil(seen / height) + 2 * DRAWN_AROUND + 10;
  const from = Math.min(first, Math.max(0, n - count));
  return { from, to: Math.min(n, from + count) };
}

/** @param {Row} row */
export function isUnread(row) {
  return row.last_incoming_seq > row.staff_seen_seq;
}

/** Minutes after which an unanswered message turns amber, then red. @type {Record<string, [number, number]>} */
const PATIENCE = { chat: [5, 15], email: [120, 480], portal: [120, 480] };

/** How pressing the oldest unanswered message is. @param {Row} row @param {number} now @returns {"" | "wait" | "late"} */
export function pressing(row, now) {
  if (row.status !== "open") return "";
  if (row.due_at) return now >= new Date(row.due_at).getTime() ? "late" : now >= new Date(row.due_warn_at || row.due_at).getTime() ? "wait" : "";
  if (!row.waiting_since) return "";
  const minutes = (now - new Date(row.waiting_since).getTime()) / 60_000;
  const [amber, red] = PATIENCE[row.channel] ?? PATIENCE.email;
  return minutes >= red ? "late" : minutes >= amber ? "wait" : "";
}

/** How much time is left of what was promised, "" where nothing is due. @param {Row} row @param {number} now */
export function dueWords(row, now) {
  if (!row.due_at || row.status !== "open") return "";
  const due = new Date(row.due_at).getTime();
  if (Math.abs(due - now) < 60_000) return t("desk.due_now");
  return due > now ? t("desk.due_left", { time: lasted(new Date(now - (due - now)).toISOString(), now) }) : t("desk.due_over", { time: lasted(row.due_at, now) });
}

/** A name to call a contact by. @param {{name: string, email?: string, phone?: string}} contact */
export function nameOf(contact) {
  return contact.name || contact.email || contact.phone || t("desk.visitor");
}

/** What stands under the name in a list. @param {Row} row */
export function lineOf(row) {
  const preview = row.preview.replace(/\s+/g, " ").trim();
  if (row.channel === "chat" || !row.subject || row.preview_kind === "note") return preview || t("desk.attachment_only");
  return preview ? `${row.subject} — ${preview}` : row.subject;
}

/** Messages by seq, each once; a newer copy of a message replaces the older. @param {readonly Message[]} have @param {readonly Message[]} more */
export function mergeMessages(have, more) {
  const byId = new Map(have.map((message) => [message.id, message]));
  for (const message of more) byId.set(message.id, message);
  return [...byId.values()].sort((a, b) => a.seq - b.seq);
}

/**
 * Joins the newest page of a conversation to what is known of it. If messages may be missing between the two, the old
 * ones are let go: they are fetched again by scrolling up.
 * @param {readonly Message[]} have @param {boolean} haveMore @param {readonly Message[]} page @param {boolean} pageMore
 */
export function mergeNewest(have, haveMore, page, pageMore) {
  const newest = have.length ? have[have.length - 1].seq : 0;
  const gap = page.length > 0 && pageMore && page[0].seq > newest;
  if (have.length === 0 || gap) {
    // Live messages may be newer than the page.
    const last = page.length ? page[page.length - 1].seq : 0;
    return { messages: mergeMessages(page, have.filter((m) => m.seq > last)), more: pageMore };
  }
  const older = page.length > 0 && have[0].seq < page[0].seq;
  return { messages: mergeMessages(have, page), more: older ? haveMore : pageMore };
}

/** A row as it is after a message, when the server's own row has not come yet. @param {Row} row @param {Message} message @returns {Row} */
export function rowAfter(row, message) {
  if (message.seq <= row.last_seq) return row;
  const next = { ...row, last_seq: message.seq };
  if (message.kind === "event") return next;
  next.preview = message.text || message.files[0]?.name || row.preview;
  next.preview_kind = message.kind;
  next.last_activity = message.created;
  if (message.kind === "incoming") {
    next.last_incoming_seq = message.seq;
    if (!next.waiting_since) next.waiting_since = message.created;
  } else if (message.kind === "outgoing") {
    next.waiting_since = "";
  }
  return next;
}

const ATTRIBUTION = [
  /^On .{4,200} wrote:$/,
  /^.{4,200}(লিখেছেন|লিখেছে)\s*[::]$/,
  /^Le .{4,200} a écrit\s*:$/,
  /^-{2,}\s*(Original Message|Forwarded message|মূল বার্তা)\s*-{2,}/i,
  /^_{10,}$/,
];

/**
 * Takes the quoted history off the end of a mail's text. Quotes between which the writer answers stay.
 * @param {string} text @returns {{own: string, quoted: string}}
 */
export function splitQuote(text) {
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  const whole = { own: text, quoted: "" };
  const cutAt = (/** @type {number} */ at) => {
    const own = lines.slice(0, at).join("\n").trimEnd();
    return own.trim() ? { own, quoted: lines.slice(at).join("\n").trim() } : whole;
  };
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i].trim();
    const two = `${line} ${lines[i + 1]?.trim() ?? ""}`;
    if (!line || !ATTRIBUTION.some((pattern) => pattern.test(line) || (/^(On|Le) /.test(line) && pattern.test(two)))) continue;
    const rest = lines.slice(i + (ATTRIBUTION.some((pattern) => pattern.test(line)) ? 1 : 2)).filter((l) => l.trim());
    const answered = rest.some((l) => l.trim().startsWith(">")) && rest.some((l) => !l.trim().startsWith(">"));
    return answered && !/^[-_]/.test(line) ? whole : cutAt(i);
  }
  let start = lines.length;
  while (start > 0 && (/^\s*>/.test(lines[start - 1]) || lines[start - 1].trim() === "")) start--;
  return lines.slice(start).some((line) => /^\s*>/.test(line)) ? cutAt(start) : whole;
}

/**
 * Cuts a text into plain pieces and addresses that can be followed.
 * @param {string} text @returns {{text: string, href: string}[]}
 */
export function linkify(text) {
  /** @type {{text: string, href: string}[]} */
  const pieces = [];
  const pattern = /\b(https?:\/\/[^\s<>"']+|www\.[^\s<>"']+\.[^\s<>"']+)|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+/gi;
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    let found = match[0].replace(/[.,;:!?।'")\]}]+$/u, "");
    if (match[0].startsWith(`${found})`) && found.includes("(")) found += ")";
    if (!found) continue;
    if (match.index > at) pieces.push({ text: text.slice(at, match.index), href: "" });
    const href = found.includes("@") && !match[1] ? `mailto:${found}` : /^www\./i.test(found) ? `https://${found}` : found;
    pieces.push({ text: found, href });
    at = match.index + found.length;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), href: "" });
  return pieces;
}

/**
 * Fills {{variables}}; what stands behind a bar, as in {{contact.name|there}}, is for one that is empty. One that is not
 * known stays, so that it is seen.
 * @param {string} text @param {Record<string, string>} values
 */
export function fill(text, values) {
  return text.replace(/\{\{\s*([\w.]+)\s*(?:\|([^{}|]*))?\}\}/g, (whole, name, other) => (name in values ? values[name] || (other ?? "").trim() : (other?.trim() ?? whole)));
}

/**
 * The canned reply being typed: a slash at the start of a word before the caret.
 * @param {string} text @param {number} caret @returns {{from: number, query: string} | null}
 */
export function slashAt(text, caret) {
  const before = text.slice(0, caret);
  const match = /(^|\s)\/([^\s/]{0,30})$/u.exec(before);
  return match ? { from: before.length - match[2].length - 1, query: match[2] } : null;
}

/** Canned replies for a query, the best first: shortcut, then title, then text; the contact's language before others. @param {readonly Canned[]} all @param {string} query @param {string} language */
export function cannedFor(all, query, language) {
  const wanted = query.toLocaleLowerCase();
  const rank = (/** @type {Canned} */ reply) => {
    const shortcut = reply.shortcut.toLocaleLowerCase().replace(/^\//, "");
    if (!wanted) return 1;
    if (shortcut.startsWith(wanted)) return 4;
    if (reply.title.toLocaleLowerCase().includes(wanted)) return 3;
    return shortcut.includes(wanted) || (reply.folder ?? "").toLocaleLowerCase().includes(wanted) || reply.text.toLocaleLowerCase().includes(wanted) ? 2 : 0;
  };
  const local = (/** @type {Canned} */ reply) => (reply.language === language ? 1 : 0);
  return all
    .filter((reply) => rank(reply) > 0)
    .sort((a, b) => rank(b) - rank(a) || local(b) - local(a) || a.title.localeCompare(b.title));
}

/**
 * Where an address of the desk leads: #/unassigned/1024
 * @param {string} hash @returns {{view: string, number: number}}
 */
export function parseRoute(hash) {
  const [view = "", number = ""] = hash.replace(/^#\/?/, "").split("?")[0].split("/");
  const known = /** @type {readonly string[]} */ ([...VIEWS, ...ASIDE, "all"]).includes(view) || view === "deleted" || /^(channel|tag|saved):[a-z0-9]+$/.test(view);
  return { view: known ? view : "unassigned", number: /^\d{1,12}$/.test(number) ? Number(number) : 0 };
}

/** The message that an address leads to: #/all/1024/m/77; 0 for none. @param {string} hash */
export function messageIn(hash) {
  return Number(/^#\/[^/]+\/\d{1,12}\/m\/(\d{1,15})$/.exec(hash)?.[1] ?? 0);
}

/** @param {string} view @param {number} [number] */
export function routeTo(view, number = 0) {
  return number ? `#/${view}/${number}` : `#/${view}`;
}

/**
 * An event in words.
 * @param {Message} message @param {(id: string) => string} agentName @param {(id: string) => string} tagName
 */
export function eventWords(message, agentName, tagName) {
  const event = message.event ?? { type: "" };
  const from = event.from ?? "";
  const to = event.to ?? "";
  const who = message.author.kind === "system" ? "" : message.author.name || (message.author.kind === "contact" ? t("desk.visitor") : "");
  /** @param {string} id @param {"from" | "to"} side @param {(id: string) => string} look */
  const named = (id, side, look) => event.names?.[id] || event.names?.[side] || look(id) || id;
  const say = (/** @type {string} */ key, /** @type {Record<string, string>} */ values = {}) =>
    who ? t(`desk.event_${key}`, { who, ...values }) : t(`desk.event_${key}_alone`, values);
  switch (event.type) {
    case "status":
      if (to === "snoozed" && event.names?.until === "answer") return say("status_snoozed_answer");
      if (to === "snoozed" && event.names?.until) return say("status_snoozed_until", { time: upcoming(event.names.until, new Date(message.created).getTime()) });
      return ["open", "pending", "snoozed", "solved"].includes(to) ? say(`status_${to}`) : message.text;
    case "priority":
      return say("priority_set", { priority: priorityName(Number(to)) });
    case "subject":
      return say("subject", { to });
    case "assigned":
      if (!to) return say("unassigned");
      return to === message.author.id ? say("taken", { to: named(to, "to", agentName) }) : say("assigned", { to: named(to, "to", agentName) });
    case "tagged":
      return say("tagged", { tag: named(to || from, "to", tagName) });
    case "untagged":
      return say("untagged", { tag: named(from || to, "from", tagName) });
    case "merged":
      return say("merged", { from: digits(Number(from || to)) });
    case "unmerged":
    case "split":
    case "split_from":
      return say(event.type, { from: digits(Number(from)) });
    case "deleted":
    case "restored":
      return say(event.type);
    case "rated":
      return say("rated", { stars: "★".repeat(Number(to) || 0) });
    case "handed_over":
      return t("desk.event_handed_over", { why: t(`desk.why_${to}`) });
    case "email_left":
      return say("email_left", { email: to });
    case "due_soon":
    case "overdue":
      return t(`desk.event_${event.type}_alone`, { what: t(`desk.due_${to}`) });
    case "sender":
      return say("sender", { to });
    case "created":
      return say("created");
    default:
      return message.text || event.type;
  }
}

/**
 * By which road a reply goes, in words.
 * @param {Row} row @param {import("../shared/types.js").Route | null} route
 */
export function roadOf(row, route) {
  const channel = route?.channel || row.channel;
  if (channel === "chat") {
    const later = route ? route.then : row.email;
    return later ? t("desk.to_chat_email", { email: later }) : t("desk.to_chat");
  }
  const to = route ? route.recipient : row.email || row.contact.email;
  return to ? t("desk.to_email", { email: to }) : route?.detail || t("desk.to_nowhere");
}

/** Events that must not be folded away: something is wrong, or somebody has to act. */
const LOUD = /^(bounced|undelivered|failed|complaint|delayed|warning|email_left|rated|merged|created)/;

/**
 * Runs of four events or more on one day, by the place of their first; the newest event stays in sight.
 * @param {readonly Message[]} messages
 */
export function eventRuns(messages) {
  /** @type {Map<number, Message[]>} */
  const events = new Map();
  /** @type {Set<number>} */
  const folded = new Set();
  for (let i = 0; i < messages.length; i++) {
    let to = i;
    const quiet = (/** @type {Message | undefined} */ m) => m?.kind === "event" && !LOUD.test(m.event?.type ?? "") && m.created.slice(0, 10) === messages[i].created.slice(0, 10);
    while (quiet(messages[to])) to++;
    if (to - i >= 4) {
      const run = messages.slice(i, to - 1);
      events.set(i, run);
      for (const event of run) folded.add(event.seq);
    }
    i = Math.max(i, to - 1);
  }
  return { events, folded };
}

/** A random id that also works where the page is not served over TLS. */
export function randomId() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((b) => b.toString(36).padStart(2, "0")).join("");
}
