/**
 * The shapes that the server speaks, for the type checker only: no page loads this file.
 *
 * @typedef {{name: string, url: string, size: number, type: string, image: boolean, width: number, height: number, cid?: string}} FileInfo
 *
 * @typedef {{kind: "contact" | "agent" | "bot" | "system", id: string, name: string, avatar: string}} Author
 *
 * @typedef {"" | "queued" | "sending" | "sent" | "delivered" | "read" | "uncertain" | "failed"} Delivery
 *
 * @typedef {"open" | "pending" | "snoozed" | "solved"} Status
 *
 * @typedef {{type: string, from?: string, to?: string, names?: Record<string, string>}} HappeningInfo
 *
 * @typedef {object} Message
 * @property {string} id
 * @property {number} seq
 * @property {string} conversation
 * @property {"incoming" | "outgoing" | "note" | "event"} kind
 * @property {Author} author
 * @property {string} text
 * @property {FileInfo[]} files
 * @property {string} client_id
 * @property {string} created          RFC 3339, UTC
 * @property {string} [subject]
 * @property {boolean} [has_html]
 * @property {string} [html]           what staff wrote with formatting, in the subset of desk/rich.js
 * @property {HappeningInfo | null} [event]
 * @property {Delivery} [delivery]
 * @property {string} [delivery_detail]
 * @property {string} [channel]
 * @property {string} [from]
 * @property {string} [to]
 * @property {string[] | null} [bcc]        who got it without the others seeing them
 * @property {string[] | null} [cc]
 * @property {"" | "unverified" | "other"} [trust]
 * @property {boolean} [automatic]
 * @property {boolean} [attended]  the bot takes care of it
 * @property {boolean} [raw]
 * @property {string} [reply_to]        where answers go when not to the sender
 * @property {Evidence | null} [evidence]
 * @property {{id: string, as: string}[]} [mentions] agents whom a note calls
 *
 * @typedef {object} Row                a conversation as the inbox lists it
 * @property {string} id
 * @property {number} number
 * @property {string} subject
 * @property {string} channel
 * @property {Status} status
 * @property {number} priority          -1 low | 0 | 1 high | 2 urgent
 * @property {string} assignee          an agent's id, or empty
 * @property {string[]} tags
 * @property {{id: string, name: string, email: string, phone: string, language: string, blocked: boolean, online: boolean}} contact
 * @property {string} preview
 * @property {string} preview_kind
 * @property {number} last_seq
 * @property {number} last_incoming_seq
 * @property {number} staff_seen_seq
 * @property {number} contact_seen_seq
 * @property {string} last_activity
 * @property {string} waiting_since     when the oldest unanswered message came, or empty
 * @property {string} snoozed_until
 * @property {string} language
 * @property {number} rating            0 (none) to 5
 * @property {string} email
 * @property {string} mailbox
 * @property {{url: string, title: string} | string | null} page
 * @property {string} [due_at]          when the next answer or the solution is due
 * @property {"" | "first_reply" | "next_reply" | "resolution"} [due_kind]
 * @property {string} [due_warn_at]     when little of that time is left
 * @property {boolean} [spam]           put aside
 * @property {boolean} [automatic]      only machines wrote it
 * @property {string} [merged_into]     the id of the conversation it is part of now
 * @property {string} [deleted_at]
 * @property {string} created
 *
 * @typedef {object} Evidence           what speaks for and against the sender of a mail
 * @property {"" | "pass" | "fail"} auth
 * @property {{name: string, result: string, domain: string, detail?: string}[]} [checks]
 * @property {{key: string, values?: Record<string, string>}[]} [warnings] keys of the catalogue
 * @property {string} [reply_to]        where the sender wants answers
 * @property {string} [verdict]
 * @property {boolean} [bulk]
 * @property {boolean} [older]
 * @property {number} [spam]            0 to 1
 * @property {string} [spam_reason]
 * @property {string} [spam_by]         the header field or the folder that says so
 * @property {string[]} [mailboxes]     others that got the same mail
 * @property {{own?: number, end?: number, labels?: ("signed" | "encrypted" | "invitation")[]}} [body] what of the text is the writer's own: up to own; folded up to end
 *
 * @typedef {object} Agent
 * @property {string} id
 * @property {string} name
 * @property {string} email
 * @property {string} avatar
 * @property {"owner" | "agent"} role
 * @property {"online" | "away" | "offline"} availability as they chose
 * @property {"online" | "away" | "offline"} [state] as they are: away too while nobody touches the desk, offline without one
 * @property {boolean} online          a desk of theirs is open
 *
 * @typedef {Agent & {signature: string, signature_html?: string, away_after?: number, languages: string[], notify: Record<string, unknown>}} Me
 *
 * @typedef {{id: string, kind: string, value: string, verified: boolean, verified_by?: string, verified_how?: "" | "hand" | "code", verified_at?: string, bounce?: "" | "hard" | "soft" | "full" | "blocked" | "complaint", bounced_at?: string, bounce_reason?: string, quiet_until?: string}} Identity
 *
 * @typedef {object} Contact
 * @property {string} id
 * @property {string} name
 * @property {string} customer_no
 * @property {string} language
 * @property {string[]} tags
 * @property {string} note
 * @property {boolean} blocked
 * @property {string} created
 * @property {string} last_seen
 * @property {Identity[]} identities
 *
 * @typedef {{id: string, name: string, colour: string}} Tag
 * @typedef {{id: string, title: string, shortcut: string, text: string, language: string, html?: string, folder?: string, owner?: string}} Canned
 * @typedef {{id: string, number: number, subject: string, channel: string, status: Status, rating: number, last_activity: string}} Earlier
 * @typedef {{name: string, logo: string, colour: string, language: string, languages: string[], time_zone: string}} Shop
 * @typedef {{mine: number, unassigned: number, open: number, pending: number, snoozed: number, solved: number, channels: Record<string, number>, spam?: number, automatic?: number, tags?: Record<string, number>, more?: Record<string, number>}} Counts
 * @typedef {{me: Me, agents: Agent[], tags: Tag[], canned: Canned[], shop: Shop, counts: Counts, seq: number, drafts?: string[], mentions?: string[], following?: string[]}} Boot
 * @typedef {{channel: string, recipient: string, detail: string, then: string, ways?: Route[]}} Route how an answer would go; then: the address it goes on to
 * @typedef {{conversation: Row, contact: Contact, messages: Message[], more: boolean, earlier: Earlier[], viewing: string[], route: Route | null, draft?: Waiting | null, held?: Waiting[], suggestions?: {title: string, text: string, url: string}[], followers?: string[]}} Opened
 *
 * @typedef {object} Waiting what was written and is not sent: a draft, or a message that waits
 * @property {string} id
 * @property {string} conversation
 * @property {string} agent
 * @property {"writing" | "held" | "scheduled" | "stopped" | "failed"} state
 * @property {"reply" | "note"} kind
 * @property {string} text
 * @property {string} html
 * @property {string} [to]
 * @property {string} cc
 * @property {string} bcc
 * @property {"" | "pending" | "solved" | "open"} then
 * @property {string} channel
 * @property {{stored: string, name: string, url: string, size: number, type: string, cid: string}[]} files
 * @property {number} base
 * @property {number} rev
 * @property {{text: string, html: string} | null} other
 * @property {string} client_id
 * @property {string} due
 * @property {string} if_reply
 * @property {string} error
 * @property {string} updated
 */
/**
 * @template T
 * @typedef {object} PagesOptions
 * @property {(item: T) => string} key
 * @property {(a: T, b: T) => number} compare
 * @property {(cursor: string, signal: AbortSignal) => Promise<{items: T[], next: string}>} fetch
 * @property {() => void} onChange
 */
export {};
