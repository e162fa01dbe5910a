/**
 * The desk's own shapes, for the type checker only: no page loads this file.
 *
 * @typedef {import("../shared/types.js").Row} Row
 * @typedef {import("../shared/types.js").Message} Message
 * @typedef {import("../shared/types.js").Contact} Contact
 *
 * @typedef {object} Choice of a menu
 * @property {string} id
 * @property {string} label
 * @property {string} [hint]
 * @property {import("../shared/html.js").Html} [mark] before the label
 * @property {string} [keys] that do the same
 * @property {boolean} [on] chosen already
 * @property {string} [find] more words to find it by
 *
 * @typedef {"list" | "counts" | "talk" | "signs" | "people" | "link" | "me" | "tags" | "health"} Topic
 *
 * @typedef {object} ViewFilter what a saved view shows; what is empty does not matter
 * @property {string[]} [status]
 * @property {string} [assignee] me, nobody, or an agent's id
 * @property {string[]} [channels]
 * @property {string[]} [tags] any of them
 * @property {string} [language]
 * @property {number[]} [priority]
 * @property {number} [older] hours
 * @property {number} [newer] hours
 * @property {string} [text]
 *
 * @typedef {{id: string, name: string, shared: boolean, filter: ViewFilter, sort: string, count: number}} SavedView
 *
 * @typedef {object} Talk an open conversation
 * @property {string} id
 * @property {Contact | null} contact
 * @property {Message[]} messages
 * @property {boolean} more older ones exist
 * @property {import("../shared/types.js").Route | null} route
 * @property {import("../shared/types.js").Earlier[]} earlier
 * @property {"loading" | "ready" | "error"} state
 * @property {unknown} error
 * @property {"" | "loading" | "error"} older
 * @property {import("../shared/types.js").Waiting[]} waiting messages that go later
 * @property {import("./suggested.js").Suggestion[]} [suggestions] articles that would answer the customer
 * @property {import("../shared/types.js").Waiting | null | undefined} draft the person's own, as the server has it; undefined while that is not known
 * @property {boolean} held marked unread: it stays unread while it is on screen
 * @property {number} used
 * @property {number} fetched when it was asked for the last time; 0 if it came in another way
 *
 * @typedef {{conversation: string, number: number, level: "due_soon" | "overdue", kind: string, due_at: string, name: string}} DueNotice
 *
 * @typedef {{conversation: string, by: string, id: string, name: string, what: string, until: number}} Typing
 *
 * @typedef {object} Unsent
 * @property {string} client_id
 * @property {string} conversation
 * @property {"reply" | "note"} kind
 * @property {string} text
 * @property {File[]} files
 * @property {"" | "pending" | "solved" | "open"} then
 * @property {string} cc
 * @property {string} [bcc]
 * @property {string} [html]
 * @property {string} [channel]
 * @property {number} [hold] seconds in which it can be taken back
 * @property {string} [due]
 * @property {string} [if_reply]
 * @property {string} [to] one of the customer's addresses instead of the usual
 * @property {number} [base] the newest seq that was there when the writing began
 * @property {boolean} [anyway] although others wrote since
 * @property {string} created
 * @property {"waiting" | "sending" | "failed"} state
 * @property {string} error a sentence
 *
 * @typedef {object} Look what is around a message
 * @property {import("./store.js").Store} store
 * @property {boolean} follows the message before is by the same author, a moment ago
 * @property {boolean} goesOn the message after is
 * @property {boolean} [aimed] the address leads to it
 * @property {string} subject the one that needs no saying
 * @property {number} readTo the contact has read up to here
 * @property {"auto" | "text" | "formatted"} format
 * @property {typeof import("./mail.js") | null} mail what is said about mails, once it is fetched
 *
 * @typedef {{text: string, kind: "reply" | "note", base: number, to?: string, cc: string, bcc?: string, at: number, html?: string, rev?: number, dirty?: boolean}} Draft
 *
 * @typedef {object} Command
 * @property {string} id
 * @property {() => string} label
 * @property {string} icon
 * @property {string} [keys] as shown: "E", "G I"
 * @property {(desk: import("./app.js").Desk) => boolean} [when]
 * @property {(desk: import("./app.js").Desk, anchor: HTMLElement) => unknown} run
 */
export {};
