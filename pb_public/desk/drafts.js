/**
 * A draft on its way between this device and the server. It is kept here at once and there a moment later; what another
 * device saved meanwhile is not lost but kept beside it, and the person is asked.
 */
import { ApiError } from "../shared/api.js";
import { randomId } from "./logic.js";
import { draftOf, keepDraft } from "./prefs.js";
import { cids, fromText, parse } from "./rich.js";

/** @typedef {import("../shared/types.js").Waiting} Waiting */

/** This page, so that it knows its own news from others'. */
export const DEVICE = randomId().slice(0, 12);
const SAVE_AFTER = 1_500;
const AGAIN_AFTER = 8_000;

/** Under which name the server keeps a file. @type {WeakMap<File, string>} */
const stored = new WeakMap();

/** Fetches the attachments of a draft as files. @param {import("../shared/api.js").Api} api @param {Waiting["files"]} list */
export async function filesOf(api, list) {
  return Promise.all(
    list.map(async (info) => {
      const answer = await fetch(info.url, { headers: { Authorization: api.token() } });
      if (!answer.ok) throw new ApiError("", answer.status);
      const file = new File([await answer.blob()], info.name, { type: info.type });
      if (info.cid) cids.set(file, info.cid);
      return file;
    }),
  );
}

/** @param {{text: string, html: string}} draft */
export function docOf(draft) {
  return draft.html ? parse(draft.html) : fromText(draft.text);
}

export class DraftSync {
  rev = 0;
  /** What was written on another device at the same time. @type {Waiting["other"]} */
  other = null;
  #dirty = false;
  #version = 0;
  #met = false;
  #ended = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** One request after the other. @type {Promise<void>} */
  #chain = Promise.resolve();
  /** The files as the server has them. @type {File[]} */
  #files = [];

  /** @param {import("./composer.js").DeskComposer} composer */
  constructor(composer) {
    this.composer = composer;
    this.path = `/api/desk/conversations/${composer.conversation}/draft`;
  }

  /** What this device remembers, at once. */
  recall() {
    const draft = draftOf(this.composer.conversation);
    if (!draft) return null;
    this.rev = draft.rev ?? 0;
    this.#dirty = draft.dirty ?? this.rev === 0;
    return draft;
  }

  /** The conversation was fetched, and with it the server's draft. @param {Waiting | null} draft */
  meet(draft) {
    if (this.#met) {
      // Fetched again: only what is newer counts, for the answer and a save may have crossed.
      if (draft && !this.#dirty && draft.rev > this.rev) void this.#take(draft);
      return;
    }
    this.#met = true;
    if (this.#dirty && !this.composer.isEmpty) return this.#later(0);
    if (draft) {
      if (draft.rev !== this.rev || this.composer.isEmpty || draft.files.length) void this.#take(draft);
    } else if (this.rev > 0) {
      this.rev = 0;
      this.composer.restore(null, []); // it was sent or thrown away elsewhere
    }
  }

  /** Something was written. */
  changed() {
    this.#dirty = true;
    this.#version++;
    this.#keep();
    this.#later(SAVE_AFTER);
  }

  /** Keeps it on this device. */
  #keep() {
    const draft = this.composer.written();
    keepDraft(this.composer.conversation, { ...draft, at: Date.now(), rev: this.rev, dirty: this.#dirty });
  }

  /** @param {number} wait ms */
  #later(wait) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#push(), wait);
  }

  /** What the server has now, for the next time this conversation is opened. @param {Waiting | null} draft */
  #known(draft) {
    const talk = this.composer.desk.store.talks.get(this.composer.conversation);
    if (talk) talk.draft = draft;
  }

  /** Saves now what is not saved. */
  flush() {
    clearTimeout(this.#timer);
    if (this.#dirty) this.#push();
  }

  #push(settle = false) {
    clearTimeout(this.#timer);
    this.#chain = this.#chain.then(() => this.#save(settle)).catch(() => {});
  }

  /** @param {boolean} settle */
  async #save(settle) {
    if (this.#ended && this.composer.isEmpty) return;
    const { composer } = this;
    const { api, store } = composer.desk;
    const version = this.#version;
    const fields = { ...composer.written(), rev: this.rev, device: DEVICE, settle };
    const files = composer.files;
    const moved = files.length !== this.#files.length || files.some((file, i) => file !== this.#files[i]);
    /** @type {FormData | Record<string, unknown>} */
    let body = fields;
    const added = files.filter((file) => !stored.has(file));
    if (moved) {
      body = new FormData();
      for (const [name, value] of Object.entries(fields)) body.set(name, String(value));
      for (const file of files) if (stored.has(file)) body.append("keep", stored.get(file) ?? "");
      for (const file of added) {
        body.append("files", file, file.name);
        body.append("cids", cids.get(file) ?? "");
      }
    }
    const snapshot = [...files];
    try {
      const { draft } = await api.put(this.path, body);
      this.rev = draft?.rev ?? 0;
      this.other = draft?.other ?? null;
      this.#known(draft);
      if (draft && moved) {
        const names = draft.files.slice(draft.files.length - added.length);
        added.forEach((file, i) => names[i] && stored.set(file, names[i].stored));
      }
      this.#files = draft ? snapshot : [];
      if (version === this.#version) this.#dirty = false;
      store.setDraft(composer.conversation, draft !== null);
      if (!this.#ended) this.#keep();
      composer.refresh();
    } catch (error) {
      if (error instanceof ApiError && error.passing && !this.#ended) this.#later(AGAIN_AFTER);
    }
  }

  /** The message was given to the sender: the draft is over. */
  sent() {
    clearTimeout(this.#timer);
    const { desk, conversation } = this.composer;
    const { rev } = this;
    this.#known(null);
    this.rev = 0;
    this.other = null;
    this.#files = [];
    this.#dirty = false;
    this.#version++;
    keepDraft(conversation, null);
    if (rev > 0) this.#chain = this.#chain.then(() => desk.api.delete(`${this.path}?device=${DEVICE}`)).catch(() => {});
    else this.#chain = this.#chain.then(() => (this.rev > 0 && this.composer.isEmpty ? desk.api.delete(`${this.path}?device=${DEVICE}`) : undefined)).then(() => {}, () => {});
    desk.store.setDraft(conversation, false);
  }

  /** Puts the server's draft into the composer. @param {Waiting} draft @param {boolean} [joined] before what stands there */
  async #take(draft, joined = false) {
    const { composer } = this;
    const version = this.#version;
    let files = /** @type {File[]} */ ([]);
    try {
      files = await filesOf(composer.desk.api, draft.files);
      draft.files.forEach((info, i) => stored.set(files[i], info.stored));
    } catch {
      return; // without its attachments it would not be the same; the next opening tries again
    }
    if (version !== this.#version && !joined) return;
    this.rev = draft.rev;
    this.other = draft.other;
    this.#dirty = false;
    this.#files = files;
    composer.restore(draft, files, joined);
    if (joined && !composer.isEmpty) this.changed();
    else this.#keep();
    composer.desk.store.setDraft(composer.conversation, true);
  }

  /** A message was taken back: it stands before whatever was begun meanwhile. @param {Waiting} draft */
  async back(draft) {
    const begun = !this.composer.isEmpty;
    await this.#chain;
    await this.#take(begun ? { ...draft, other: null } : draft, begun);
    if (begun) this.#push(true);
  }

  /** Another device saved or ended the draft. @param {{on: boolean, rev: number, device: string}} news */
  async news({ on, rev, device }) {
    if (device === DEVICE || this.#dirty || rev === this.rev) return;
    if (!on) {
      if (this.rev === 0) return;
      this.rev = 0;
      this.#files = [];
      this.composer.restore(null, []);
      return keepDraft(this.composer.conversation, null);
    }
    try {
      const { draft } = await this.composer.desk.api.get(this.path);
      if (draft && !this.#dirty && draft.rev !== this.rev) await this.#take(draft);
    } catch {
      // The next save or opening settles it.
    }
  }

  /** The other device's text was looked at. @param {boolean} use it stands behind this one */
  settle(use) {
    const { other } = this;
    this.other = null;
    if (use && other) this.composer.addText(docOf(other));
    this.#version++;
    this.#push(true);
    this.composer.refresh();
  }

  end() {
    this.flush();
    this.#ended = true;
  }
}
