/** What the desk says about mails: who really wrote them, where they belong, what became of ours. */
import { sentence } from "../shared/api.js";
import { digits } from "../shared/format.js";
import { html, icon } from "../shared/html.js";
import { addTexts, has, t } from "../shared/i18n.js";
import { routeTo } from "./logic.js";
import { loadStyle } from "./parts.js";
import { fetchWords, told } from "./told.js";

/**
 * @typedef {import("./types.js").Message} Message
 * @typedef {import("./types.js").Look} Look
 * @typedef {import("./app.js").Desk} Desk
 */

/** Everything that the functions here need. */
export async function ready() {
  await Promise.all([addTexts("deskmore"), loadStyle("mail")]);
}

/** A text with markup in the place of its one hole. @param {string} key @param {string} hole @param {unknown} markup @param {Record<string, string>} [values] */
function around(key, hole, markup, values = {}) {
  const [before, after = ""] = t(key, { ...values, [hole]: "\u0001" }).split("\u0001");
  return html`${before}${markup}${after}`;
}

/** Another conversation by its number. @param {string} number "#1024" */
function talkLink(number) {
  const n = Number(number.replace(/\D/g, ""));
  return n ? html`<a class="link" href="${routeTo("all", n)}">#${digits(n)}</a>` : number;
}

const TROUBLES = new Set(["bounced", "undelivered", "complaint"]);

/** Whether an event is one that somebody has to care for. @param {Message} message */
export function isTrouble(message) {
  return TROUBLES.has(message.event?.type ?? "");
}

/**
 * An event about a mail in words; null for the others.
 * @param {Message} message @param {Pick<Look, "store">} [look]
 */
export function eventHtml(message, look) {
  const event = message.event;
  if (!event) return null;
  const { type, to = "" } = event;
  const names = event.names ?? {};
  const who = message.author.kind === "system" ? "" : message.author.name;
  const address = names.address || to;
  const reason = (told(names.reason ?? "", look?.store) || t("deskmore.no_reason")).replace(/[.।]+$/, "");
  switch (type) {
    case "continues":
    case "continued":
    case "possibly":
    case "mentioned":
      return around(`deskmore.event_${type}`, "number", talkLink(names[to] || to));
    case "sender":
      return message.author.kind === "system" ? html`${t("deskmore.event_sender", { address: to })}` : null;
    case "accepted":
      return html`${t("deskmore.event_accepted", { who, address: to })}`;
    case "spam":
    case "not_spam":
      return html`${t(who ? `deskmore.event_${type}_by` : `deskmore.event_${type}`, { who })}`;
    case "transcript":
      return html`${t("deskmore.event_transcript", { who, address })}${message.delivery === "failed" ? html` · ${t("desk.delivery_failed")}${message.delivery_detail ? html`: ${told(message.delivery_detail, look?.store)}` : ""}` : ""}`;
    case "bounced":
    case "undelivered":
      return html`${icon("alert", "xs")}<span title="${names.said ?? ""}">${t(`deskmore.event_${type}`, { address, reason })}</span>`;
    case "delayed":
    case "uncertain":
    case "complaint":
    case "read":
    case "silenced":
      return html`${t(`deskmore.event_${type}`, { address, reason })}`;
    default:
      return null;
  }
}

/** @param {string} mark @param {unknown} words @param {unknown} [act] @param {string} [tone] */
function note(mark, words, act = "", tone = "") {
  return html`<p class="caution ${tone}">${icon(mark, "s")}<span>${words} ${act}</span></p>`;
}

/** The marks of labels. @type {Record<string, string>} */
const LABELS = { signed: "pen", encrypted: "shield", invitation: "clock" };

/**
 * What an agent should know of a mail before believing it.
 * @param {Message} message @param {Pick<Look, "store">} look
 */
export function notesHtml(message, look) {
  const proof = message.evidence;
  const accept = html`<button class="link" type="button" data-act="accept" data-id="${message.id}" aria-haspopup="menu">${t("deskmore.accept")}</button>`;
  if (proof?.warnings?.some((warning) => !has(warning.key))) fetchWords(look.store);
  const spam = look.store.rows.get(message.conversation)?.spam && proof ? spamWords(proof) : "";
  return html`${message.trust === "other" ? note("shield", t("desk.other_sender", { from: message.from ?? "" }), accept) : ""}
    ${message.trust === "unverified" ? note("shield", html`<span title="${t("desk.unverified_hint")}">${t("desk.unverified")}</span>`, accept) : ""}
    ${(proof?.warnings ?? []).filter((warning) => has(warning.key)).map((warning) => note("alert", t(warning.key, warning.values), "", /auth_fail/.test(warning.key) ? "is-bad" : ""))}
    ${proof?.reply_to ? (proof.warnings?.some((warning) => warning.key === "mail.warn_reply_to") ? "" : note("reply", t("deskmore.wants_answers", { address: proof.reply_to }))) : message.reply_to ? note("reply", t("deskmore.answers_go", { address: message.reply_to }), "", "is-calm") : ""}
    ${spam ? note("block", spam) : ""}
    ${(proof?.body?.labels ?? []).map((label) => note(LABELS[label] ?? "mail", t(`deskmore.label_${label}`), "", "is-calm"))}
    ${proof?.older ? note("clock", t("deskmore.older_mail"), "", "is-calm") : ""}`;
}

/** Why a mail was put aside. @param {import("../shared/types.js").Evidence} proof */
export function spamWords(proof) {
  const key = `deskmore.spam_${proof.spam_reason}`;
  if (proof.spam_reason && has(key)) return `${t(key, { n: Math.round((proof.spam ?? 0) * 100), by: proof.spam_by ?? "" })}${proof.spam_by && proof.spam_reason === "provider" ? ` (${proof.spam_by})` : ""}`;
  return proof.spam_reason ? t("deskmore.spam_filter", { n: Math.round((proof.spam ?? 0) * 100) }) : "";
}

/** What was found out about the sender, for the menu of a message. @param {Desk} desk @param {Message} message @returns {[string, string][]} */
export function proofOf(desk, message) {
  const proof = message.evidence;
  if (!proof) return [];
  /** @type {[string, string][]} */
  const rows = [];
  const domain = proof.checks?.[0]?.domain ?? "";
  rows.push([t("deskmore.sender"), proof.auth === "pass" ? t("deskmore.sender_pass", { domain }) : proof.auth === "fail" ? t("deskmore.sender_fail", { domain }) : t("deskmore.sender_none")]);
  const checks = (proof.checks ?? []).map((check) => `${check.name.toUpperCase()} ${check.result}`).join(", ");
  if (checks) rows.push([t("deskmore.checks"), checks]);
  if (message.reply_to) rows.push([t("deskmore.reply_to"), message.reply_to]);
  const boxes = (proof.mailboxes ?? []).map((id) => desk.store.mailboxes.get(id) ?? "").filter(Boolean);
  if (boxes.length) rows.push([t("deskmore.also_came"), boxes.join(", ")]);
  return rows;
}

/** What can be done with a mail, for its menu. @param {Desk} desk @param {Message} message @returns {import("./types.js").Choice[]} */
export function choicesFor(desk, message) {
  const from = message.kind === "incoming" && message.channel === "email" ? (message.from ?? "") : "";
  return [
    ...(message.raw && message.kind === "incoming" ? [{ id: "parse", label: t("deskmore.parse"), mark: icon("undo", "s") }] : []),
    ...(from.includes("@") ? [{ id: "block", label: t("deskmore.block_sender"), mark: icon("block", "s") }] : []),
  ];
}

/** @param {Desk} desk @param {Message} message @param {string} id @param {HTMLElement} anchor */
export function pick(desk, message, id, anchor) {
  if (id === "parse") void parseAgain(desk, message);
  else if (id === "block") setTimeout(() => void blockSender(desk, message.from ?? "", anchor));
  else return false;
  return true;
}

/** @param {Desk} desk @param {Message} message */
async function parseAgain(desk, message) {
  try {
    await desk.api.post(`/api/desk/messages/${message.id}/parse`);
    await desk.store.reload();
    desk.toast(t("deskmore.parsed"));
  } catch (error) {
    desk.toast(sentence(error), { bad: true });
  }
}

/** The address and the domain of "Name <a@b.c>" or "a@b.c". @param {string} from */
export function partsOf(from) {
  const address = (/<([^<>\s]+@[^<>\s]+)>\s*$/.exec(from)?.[1] ?? /[^\s<>"]+@[^\s<>"]+/.exec(from)?.[0] ?? "").toLowerCase();
  return { address, domain: address.slice(address.lastIndexOf("@") + 1) };
}

/** Domains at which everybody may have an address. */
const PUBLIC = /^(gmail|googlemail|yahoo|ymail|hotmail|outlook|live|msn|icloud|me|aol|gmx|proton|protonmail|zoho|yandex|mail)\.[a-z.]+$/;

/** @param {Desk} desk @param {string} from @param {HTMLElement} anchor */
async function blockSender(desk, from, anchor) {
  const { address, domain } = partsOf(from);
  const { openMenu } = await import("./menu.js");
  openMenu(anchor, {
    title: t("deskmore.block_sender"),
    choices: () => [
      { id: address, label: t("deskmore.block_address", { address }), mark: icon("block", "s") },
      ...(PUBLIC.test(domain) ? [] : [{ id: domain, label: t("deskmore.block_domain", { domain }), mark: icon("globe", "s") }]),
    ],
    foot: html`<p class="menu-none">${t("deskmore.block_hint")}</p>`,
    pick: (value) => void block(desk, value),
  });
}

/** @param {Desk} desk @param {string} value */
async function block(desk, value) {
  const path = "/api/collections/blocked_senders/records";
  try {
    const record = await desk.api.post(path, { value });
    desk.toast(t("deskmore.blocked_now", { value }), { act: t("common.undo"), run: () => void desk.api.delete(`${path}/${record.id}`).catch((error) => desk.toast(sentence(error), { bad: true })) });
  } catch (error) {
    desk.toast(sentence(error), { bad: true });
  }
}

/** Asks, then lets a sender in doubt be one of the conversation. @param {Desk} desk @param {HTMLElement} target */
export async function acceptSender(desk, target) {
  const message = desk.store.talk?.messages.find((other) => other.id === target.dataset.id);
  if (!message) return;
  const other = message.trust === "other";
  const { openMenu } = await import("./menu.js");
  openMenu(target, {
    title: t("deskmore.accept"),
    choices: () => [{ id: "accept", label: t("deskmore.accept_go", { address: partsOf(message.from ?? "").address }), mark: icon("check", "s") }],
    foot: html`<p class="menu-none">${other ? t("deskmore.accept_other") : t("deskmore.accept_unverified")}</p>`,
    pick: () => {
      desk.api
        .post(`/api/desk/messages/${message.id}/accept`)
        .then((answer) => {
          desk.store.sent(answer);
          return desk.store.reload();
        })
        .catch((error) => desk.toast(sentence(error), { bad: true }));
    },
  });
}

/**
 * Who else got the mail that is answered, and is not in the answer yet.
 * @param {readonly Message[]} messages @param {readonly string[]} known addresses of the shop and of the contact @param {string} given what stands in Cc and Bcc
 */
export function missingCopies(messages, known, given) {
  const last = messages.filter((message) => message.kind === "incoming" && message.channel === "email" && message.trust !== "other").pop();
  const taken = new Set([...known, ...given.split(/[\s,;]+/)].map((address) => partsOf(address).address));
  if (last) taken.add(partsOf(last.from ?? "").address);
  const found = (last?.cc ?? []).map((address) => partsOf(address).address).filter((address) => address && !taken.has(address));
  return [...new Set(found)].slice(0, 5);
}

/** @param {Desk} desk @param {string} conversation @param {string} given */
export function copiesHtml(desk, conversation, given) {
  const talk = desk.store.talks.get(conversation);
  const own = [...desk.store.mailboxes.values()];
  const contact = (talk?.contact?.identities ?? []).filter((identity) => identity.kind === "email").map((identity) => identity.value);
  const to = (talk?.messages ?? []).map((message) => (message.kind === "incoming" ? (message.to ?? "") : ""));
  const missing = missingCopies(talk?.messages ?? [], [...own, ...contact, ...to], given);
  return missing.length ? html`<p class="also-got" data-key="also-got"><span>${t("deskmore.also_got")}</span>${missing.map((address) => html`<button class="link" type="button" data-act="add-cc" data-address="${address}">${icon("plus", "xs")}${address}</button>`)}</p>` : "";
}

/**
 * The addresses that an answer can go to, the usual one first: the customer's, and those that their last mail came from or
 * asks to be answered at.
 * @param {readonly Message[]} messages @param {readonly string[]} known of the contact @param {readonly string[]} own of the shop @param {string} usual
 */
export function answerAddresses(messages, known, own, usual) {
  const last = messages.filter((message) => message.kind === "incoming" && message.channel === "email" && message.trust !== "other").pop();
  const all = [usual, last?.from ?? "", last?.reply_to ?? "", last?.evidence?.reply_to ?? "", ...known].map((address) => partsOf(address).address);
  return [...new Set(all)].filter((address) => address && !own.includes(address));
}

/** Where the answer goes, when there is more than one place. @param {Desk} desk @param {string} conversation @param {string} chosen */
export function toHtml(desk, conversation, chosen) {
  const talk = desk.store.talks.get(conversation);
  const known = (talk?.contact?.identities ?? []).filter((identity) => identity.kind === "email").map((identity) => identity.value);
  const all = answerAddresses(talk?.messages ?? [], known, [...desk.store.mailboxes.values()], talk?.route?.recipient ?? "");
  if (all.length < 2) return "";
  return html`<label class="to to-pick" data-key="to"><span>${t("desk.mail_to")}</span><select name="to">${all.map((address, i) => html`<option value="${i ? address : ""}" ${address === chosen || (!i && !all.includes(chosen)) ? html`selected` : ""}>${address}</option>`)}</select></label>`;
}

/** Asks for the word, then sends the customer what was said. @param {Desk} desk @param {HTMLElement} anchor */
export async function transcriptMenu(desk, anchor) {
  const row = desk.store.row;
  const address = row?.email || row?.contact.email;
  if (!row || !address) return;
  const { openMenu } = await import("./menu.js");
  openMenu(anchor, {
    title: t("desk.transcript"),
    choices: () => [{ id: "send", label: t("deskmore.transcript_to", { address }), mark: icon("mail", "s") }],
    foot: html`<p class="menu-none">${t("deskmore.transcript_hint")}</p>`,
    pick: () => {
      desk.api.post(`/api/desk/conversations/${row.id}/transcript`).then(
        (answer) => desk.toast(t("deskmore.transcript_sent", { address: answer?.address ?? address })),
        (error) => desk.toast(sentence(error), { bad: true }),
      );
    },
  });
}

/** Puts the open conversation aside as spam, or brings it back. @param {Desk} desk @param {boolean} on */
export async function setSpam(desk, on) {
  const row = desk.store.row;
  if (!row) return;
  const set = async (/** @type {boolean} */ to) => {
    const answer = await desk.api.post(`/api/desk/conversations/${row.id}/spam`, { on: to });
    const now = desk.store.rows.get(row.id) ?? row;
    desk.store.putRow({ ...now, spam: answer.spam ?? to, status: answer.status ?? now.status });
  };
  try {
    const view = desk.store.view;
    desk.leave(row, on);
    await set(on);
    desk.toast(on ? t("deskmore.spam_done") : t("deskmore.not_spam_done"), {
      act: t("common.undo"),
      run: () => void set(!on).then(() => desk.go(view, row.number), (error) => desk.toast(sentence(error), { bad: true })),
    });
  } catch (error) {
    desk.toast(sentence(error), { bad: true });
  }
}
