/*
 * Shohay's chat widget: one classic script; stores and fetches nothing before a visitor opens it.
 *
 *   <script src="https://desk.example/widget.js" data-lang="bn" data-colour="#006a4e" data-position="left" async></script>
 *
 * data-contact: {id, name, email, phone, hash} as JSON or base64 of it, a customer whom the shop signed in. Once window had the
 * event "shohay:ready" there are Shohay.open(), close() and identify({…}). All types are in .ci/widget.d.ts.
 */
(() => {
  "use strict";

  const white = [255, 255, 255], black = [0, 0, 0];

  /** @type {W.Pure} */
  const pure = {
    rgb(s) {
      const m = /^#(..)(..)(..)$/.exec(s.replace(/^#(.)(.)(.)$/, "#$1$1$2$2$3$3")), c = m && m.slice(1).map((x) => parseInt(x, 16));
      return c && c.every((v) => v >= 0) ? c : null;
    },
    light: (c) => c.reduce((sum, v, i) => sum + (v / 255) ** 2.2 * [0.2126, 0.7152, 0.0722][i], 0.05),
    contrast: (a, b) => Math.max(pure.light(a) / pure.light(b), pure.light(b) / pure.light(a)),
    mix: (a, b, part) => a.map((v, i) => Math.round(v + (b[i] - v) * part)),
    against(c, ground, into, least) {
      let part = 0, out = c;
      while (pure.contrast(out, ground) < least && part < 1) out = pure.mix(c, into, (part += 0.05));
      return out;
    },
    /** All that is made of the shop's one colour, readable on our panel. */
    palette(colour, dark) {
      const base = pure.rgb(colour) || [0, 106, 78], panel = dark ? [26, 27, 25] : white, text = pure.against(base, panel, dark ? white : black, 4.6);
      const accent = dark ? text : pure.against(base, panel, black, 1.5);
      const ink = [white, pure.mix(base, black, 0.85)].find((c) => pure.contrast(accent, c) > 4.6) || black;
      return { accent, ink, text, soft: pure.mix(panel, accent, dark ? 0.16 : 0.1) };
    },
    /** Pause after n failures: doubles up to half a minute, with jitter. */
    backoff: (n) => Math.min(30000, 1000 * 2 ** n) * (0.5 + Math.random() / 2),
    /** Reads server-sent events out of chunks. */
    events(on) {
      let rest = "", name = "", data = "";
      return (chunk) => {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop() || "";
        for (const line of lines)
          if (line.startsWith("event:")) name = line.slice(6).trim();
          else if (line.startsWith("data:")) data = line.slice(5);
          else if (!line.trim()) {
            if (data) on(name, JSON.parse(data));
            name = data = "";
          }
      };
    },
    contact(s) {
      try {
        return s && JSON.parse(s.includes("{") ? s : new TextDecoder().decode(Uint8Array.from(atob(s), (c) => c.charCodeAt(0))));
      } catch {
        console.warn("Shohay: data-contact is not JSON");
        return null;
      }
    },
    /** A type that the browser does not know is left to the server. */
    fileProblem(f, { file_bytes, types }) {
      if (!f.size) return "file_empty";
      if (f.size > file_bytes) return "file_too_big";
      return !f.type || types.some((t) => f.type === t || (t.endsWith("*") && f.type.startsWith(t.slice(0, -1)))) ? "" : "file_type";
    },
    /** Every second piece is a web address. */
    links: (text) => text.split(/(https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]}।])/),
  };

  class Problem extends Error {
    /** @param {number} status 0: no answer @param {string | null} [after] Retry-After, seconds @param {any} [body] */
    constructor(status, after, body) {
      super((body && body.message) || "");
      this.status = status;
      this.wait = Math.min(300, Number(after) || 0) * 1000;
      this.final = status >= 400 && status < 500 && ![401, 408, 425, 429].includes(status); // the same again can never work
    }
  }

  /**
   * Messages by seq, the queue of what is not sent, and the cursor: all up to it has arrived. Only the stream and the pages that
   * close a gap move it; the answer to a POST may be ahead of something that is still missing.
   */
  class Store {
    pending = /** @type {W.Pending[]} */ ([]);
    messages = /** @type {W.Message[]} */ ([]);
    conversation = /** @type {W.Conversation | null} */ (null);
    lines = /** @type {{seq: number, kind: string}[]} */ ([]); // of our own, each after message seq
    more = false; // there are older messages
    gap = false; // after "reset": live messages are ahead of a gap
    cursor = 0;
    ahead = 0;
    last = 0;

    /** @param {any} shelf localStorage; if it is forbidden or full, memory does @param {string} prefix @param {string} tab */
    constructor(shelf, prefix, tab) {
      this.shelf = shelf;
      this.prefix = prefix;
      this.tab = tab;
    }

    /** @param {string} key @returns {string | null} */
    get(key) {
      try {
        return this.shelf.getItem(this.prefix + key);
      } catch {
        return null;
      }
    }
    /** @param {string} key @param {string | null} [value] */
    set(key, value) {
      try {
        value ? this.shelf.setItem(this.prefix + key, value) : this.shelf.removeItem(this.prefix + key);
      } catch {}
    }
    /** @returns {string[]} */
    queued() {
      return Object.keys(this.shelf || {}).filter((k) => k.startsWith(this.prefix + "q:")).map((k) => k.slice(this.prefix.length)).sort();
    }

    /** @param {Omit<W.Started, "token">} a */
    begin(a) {
      this.messages = [];
      this.lines = [];
      this.conversation = null;
      this.gap = false;
      this.more = a.more;
      this.cursor = this.ahead = a.seq;
      this.add(a.messages, "page");
      this.merge(a.conversation);
    }

    /** @param {W.Message[]} list @param {"live" | "page" | "aside"} from @returns {W.Message[]} the new ones */
    add(list, from) {
      return list.filter((m) => {
        if (from === "live" && this.gap) this.ahead = Math.max(this.ahead, m.seq);
        else if (from !== "aside") this.cursor = Math.max(this.cursor, m.seq);
        if (m.client_id && m.kind === "incoming") this.remove(m.client_id);
        let i = this.messages.length;
        while (i && this.messages[i - 1].seq > m.seq) i--;
        return (!i || this.messages[i - 1].seq < m.seq) && this.messages.splice(i, 0, m);
      });
    }

    /** The gap is closed. */
    whole() {
      this.gap = false;
      this.cursor = Math.max(this.cursor, this.ahead);
    }

    /** @param {W.Conversation | null} c */
    merge(c) {
      const old = this.conversation, seq = this.messages.at(-1)?.seq || 0;
      if (!c) return;
      if (old?.id === c.id) {
        if (c.last_seq < old.last_seq) return; // older news
        c.staff_seen_seq = Math.max(c.staff_seen_seq, old.staff_seen_seq);
        c.contact_seen_seq = Math.max(c.contact_seen_seq, old.contact_seen_seq);
      }
      const was = old?.status === "solved", is = c.status === "solved";
      if (was !== is) this.lines.push(is ? { seq, kind: "solved_line" } : { seq: this.lines.at(-1)?.seq || seq, kind: "reopened_line" });
      this.conversation = c;
    }

    /** @param {"staff" | "contact"} by @param {number} seq */
    seen(by, seq) {
      const c = this.conversation;
      if (c) c[`${by}_seen_seq`] = Math.max(c[`${by}_seen_seq`], seq);
    }

    /** Answers that the visitor has not seen. */
    unread() {
      const c = this.conversation;
      return this.messages.filter((m) => c && m.kind === "outgoing" && m.seq > c.contact_seen_seq);
    }

    /** Ids sort by the time of writing, across reloads too. @param {string} text @param {File[]} files @param {W.Page} page */
    enqueue(text, files, page) {
      const at = (this.last = Math.max(this.last + 1, Date.now()));
      const rnd = crypto.getRandomValues(new Uint32Array(3)).join("");
      /** @type {W.Pending} */
      const item = { client_id: `${at.toString(36).padStart(9, "0")}-${rnd}`, text, at, tab: this.tab, names: files.map((f) => f.name), page, files };
      this.pending.push(item);
      this.keep(item);
    }

    /** @param {W.Pending} item */
    keep({ client_id, text, at, tab, names, page, error }) {
      this.set("q:" + client_id, JSON.stringify({ client_id, text, at, tab, names, page, error }));
    }

    /** Takes over what tabs that are gone have not sent. @param {(item: W.Pending) => boolean} gone */
    restore(gone) {
      for (const key of this.queued()) {
        const is = (/** @type {{client_id: string}} */ m) => "q:" + m.client_id === key;
        try {
          const item = /** @type {W.Pending} */ (JSON.parse(this.get(key) || ""));
          if (this.messages.some(is)) this.remove(item.client_id);
          else if (!this.pending.some(is) && gone(item)) {
            item.tab = this.tab;
            item.lost = item.names.length > 0;
            this.last = Math.max(this.last, item.at);
            this.pending.push(item);
            this.keep(item);
          }
        } catch {
          this.set(key);
        }
      }
      this.pending.sort((a, b) => (a.client_id < b.client_id ? -1 : 1));
    }

    /** The next to send. What was refused waits for the visitor and holds up nobody. */
    head() {
      return this.pending.find((p) => !p.error && (p.text || !p.lost));
    }

    /** @param {string} id client id */
    remove(id) {
      this.pending = this.pending.filter((p) => p.client_id !== id);
      this.set("q:" + id);
    }
  }

  /** @type {W.MakeChat} */
  const makeChat = (env, changed) => {
    const { base, prefix, locks, visible, slow = 1 } = env, tab = Math.random().toString(36).slice(2);
    const store = new Store(env.shelf, prefix, tab), channel = env.Channel && new env.Channel(prefix);

    /** @type {W.Chat} */
    const chat = {
      store, lang: "", token: "", who: "", mail: store.get("email"), identity: null, typing: { name: "", until: 0 }, calls: new Set(),
      online: false, up: false, on: false, busy: false, queued: false,
      fails: 0, round: 0, heard: 0, notBefore: 0, readSent: 0, again: 0, timer: 0, guard: 0,
      leave() {},
      wake() {},

      /** Whether an earlier visit left something to connect for. */
      known: () => !!store.get("token") || store.queued().length > 0,

      /** A lock, held while this tab lives, tells the others that its queue is in good hands. */
      present() {
        locks?.request(prefix + tab, () => new Promise((done) => (chat.leave = () => done(0))));
      },
      /** Takes the queue of tabs that are gone, and of this one before a reload. */
      async adopt() {
        const held = locks && ((await locks.query()).held || []).map((l) => l.name);
        // Nobody can tell without locks: two tabs may send one text then (the client id makes it one), but files get time to go.
        store.restore((p) => (held ? !held.includes(prefix + p.tab) : !p.names.length || Date.now() - p.at > 120000));
        changed();
      },

      api(method, path, body) {
        const abort = new AbortController(), timer = setTimeout(() => abort.abort(), 20000);
        chat.calls.add(abort);
        return env.fetch(`${base}/api/chat/${path}${path.includes("?") ? "&" : "?"}lang=${chat.lang}`, {
          method, body: body && JSON.stringify(body), signal: abort.signal, cache: "no-store", credentials: "omit",
          headers: { ...(body && { "Content-Type": "application/json" }), ...(chat.token && { Authorization: "Bearer " + chat.token }) },
        }).then(async (res) => {
          if (!res.ok) throw new Problem(res.status, res.headers.get("Retry-After"), await res.json().catch(() => 0));
          return res.status === 204 ? null : res.json();
        }).catch((e) => {
          throw e.status ? e : new Problem(0);
        }).finally(() => {
          clearTimeout(timer);
          chat.calls.delete(abort);
        });
      },

      // ---- beginning: a token, the newest messages, and the stream if there is a conversation

      start: () => (chat.starting = chat.starting || chat.begin().finally(() => (chat.starting = undefined))),
      async begin() {
        const who = chat.identity?.id, known = store.get("who") || chat.who;
        if (who && known && who !== known) chat.forget(); // somebody else signed in here
        const had = store.get("token") || chat.token || undefined;
        /** @type {W.Started | null} */
        const r = await chat.api("POST", "start", { token: had, lang: chat.lang, identity: chat.identity || undefined }).catch((e) => {
          if (!chat.identity || e.status !== 403) throw e;
          console.warn("Shohay: " + e.message);
          chat.identity = null; // a wrong hash: a stranger then
        });
        const saved = store.get("token");
        if (!r || (saved && saved !== had && saved !== r.token)) return chat.begin(); // another tab was first
        chat.token = r.token;
        chat.who = who || "";
        if (r.conversation) chat.save();
        else if (saved !== r.token) store.set("token");
        store.begin(r);
        await chat.adopt();
        chat.stop();
        if (r.conversation) chat.open();
        chat.hello();
      },
      /** Starts, and tries until it works. */
      connect: () => (clearTimeout(chat.again), chat.start().catch(() => chat.renew())),
      /** Later, as the server does not answer or does not know us. */
      renew() {
        chat.stop();
        clearTimeout(chat.again);
        chat.again = setTimeout(chat.connect, pure.backoff(chat.fails++) * slow);
        changed();
      },
      /** The server answers: time for what has waited. */
      hello() {
        chat.kick();
        chat.sendEmail().catch(() => {});
      },
      save() {
        if (store.get("token") === chat.token) return;
        store.set("token", chat.token);
        store.set("who", chat.who);
        if (store.get("token")) chat.tell("token");
      },
      /** Leaves nothing of this visitor behind. */
      forget() {
        chat.stop();
        chat.token = chat.who = "";
        chat.mail = null;
        for (const k of ["token", "who", "email", ...store.queued()]) store.set(k);
        store.pending = [];
        store.begin({ conversation: null, messages: [], more: false, seq: 0 });
      },
      identify(who) {
        chat.identity = who?.id ? who : null;
        if (!who && (chat.who || store.get("who"))) chat.forget();
        if (chat.token || (who && chat.known())) Promise.resolve(chat.starting).catch(() => {}).then(chat.connect);
        changed();
      },

      // ---- sending: the queue in order, one at a time; a failure stops it until a pause is over or something kicks

      send(text, files, page) {
        store.enqueue(text, files, page);
        return chat.flush();
      },
      kick() {
        chat.fails = 0;
        return chat.flush();
      },
      async flush() {
        const early = chat.notBefore - Date.now(); // Retry-After binds impatient visitors too
        if (chat.busy) return;
        if (early > 0) return chat.pause(early);
        chat.busy = true;
        for (let item; (item = store.head()); ) {
          item.sending = true;
          changed();
          /** @type {W.Problem | undefined} */
          const p = await chat.post(item).then(() => {}, (e) => e);
          item.sending = false;
          item.tries = (item.tries || 0) + 1;
          if (!p) chat.fails = 0;
          else if (p.final) {
            item.error = p.message || " ";
            store.keep(item);
          } else if (store.pending.includes(item)) {
            if (p.wait) chat.notBefore = Date.now() + p.wait * slow;
            chat.pause(Math.max(p.wait || 0, pure.backoff(chat.fails++)) * slow);
            break;
          }
        }
        chat.busy = false;
        changed();
      },
      pause(ms) {
        clearTimeout(chat.timer);
        chat.timer = setTimeout(chat.flush, ms);
      },
      async post(item) {
        const saved = store.get("token"), { lang } = chat, { client_id, text, page, files } = item;
        if (!chat.token || (saved && saved !== chat.token)) await chat.start();
        if (!store.pending.includes(item)) return; // it had arrived after all
        chat.save(); // before it leaves: should the answer be lost, the repeat must come from the same visitor
        let sent;
        if (files?.length && env.upload) {
          const form = new FormData();
          for (const [k, v] of Object.entries({ client_id, text, lang, page_url: page.url, page_title: page.title })) form.append(k, v);
          for (const f of files) form.append("files", f, f.name);
          sent = env.upload(`${base}/api/chat/messages?lang=${lang}`, chat.token, form, (part) => {
            item.progress = part;
            changed();
          });
        } else sent = chat.api("POST", "messages", { client_id, text, lang, page });
        /** @type {W.Posted} */
        const r = await sent.catch((e) => {
          if (e.status === 401) store.set("token", (chat.token = ""));
          throw e;
        });
        chat.take(r);
        chat.tell("message", r);
        if (item.lost && r.message.files.length < item.names.length) store.lines.push({ seq: r.message.seq, kind: "files_lost" });
        chat.sendEmail().catch(() => {});
      },
      take(r) {
        const old = store.conversation;
        store.add([r.message], "aside");
        store.merge(r.conversation);
        if (old && old.id !== r.conversation.id) chat.reconnect(true);
        chat.open();
      },
      /** Keeps an address until the server has it. */
      leaveEmail(email) {
        store.set("email", (chat.mail = email));
        return chat.sendEmail();
      },
      async sendEmail() {
        if (!chat.mail || !store.conversation) return;
        const done = () => {
          store.set("email", (chat.mail = null));
          changed();
        };
        await chat.api("POST", "email", { email: chat.mail }).then((r) => (store.merge(r.conversation), done()), (e) => {
          if (!e.final) return; // with the next hello
          done();
          throw e;
        });
      },

      // ---- receiving

      /** own: of this tab's stream, which alone has no gaps. */
      event(name, d, own) {
        const c = store.conversation;
        if (own) chat.tell("event", [name, d]);
        if (name === "hello" || name === "presence") chat.online = !!d.online;
        if (name === "hello") store.merge(d.conversation);
        else if (name === "message") {
          store.add([d], own ? "live" : "aside");
          if (d.kind === "outgoing") chat.typing.until = 0;
          if (c) c.last_seq = Math.max(c.last_seq, d.seq);
        } else if (name === "reset" && own) {
          store.gap = true;
          chat.fill().catch(() => setTimeout(() => store.gap && chat.reconnect(true), pure.backoff(2) * slow));
        } else if (name === "read") store.seen(d.by, d.seq);
        else if (name === "conversation" && c?.id === d.id) store.merge(d);
        else if (name === "typing" && d.by !== "contact") {
          chat.typing = { name: d.name, until: d.on ? Date.now() + 6000 : 0 };
          setTimeout(changed, 6050);
        }
        changed();
      },
      /** Fetches all that lies after the cursor. */
      fill: () => (chat.filling = chat.filling || chat.pages().finally(() => (chat.filling = undefined))),
      async pages() {
        for (let r; !r || (r.more && r.messages.length); changed()) {
          r = await chat.api("GET", "messages?limit=100&after=" + store.cursor);
          store.add(r.messages, "page");
          store.merge(r.conversation);
        }
        store.whole();
      },
      async earlier() {
        const r = await chat.api("GET", "messages?limit=50&before=" + store.messages[0].seq);
        store.more = r.more;
        store.add(r.messages, "aside");
      },
      /** The visitor sees all that is there. */
      read() {
        const seq = store.unread().at(-1)?.seq || 0;
        if (seq <= chat.readSent) return;
        chat.readSent = seq;
        chat.api("POST", "read", { seq }).then(() => store.seen("contact", seq), () => (chat.readSent = 0)).then(changed);
      },

      // ---- one stream a browser: the visible tab leads, because phones freeze hidden ones; the others listen to it

      open() {
        if (chat.on) return;
        chat.on = true;
        chat.heard = Date.now();
        chat.guard = setInterval(() => !chat.leader && visible() && Date.now() - chat.heard > 50000 && chat.lead(true), 15000);
        chat.lead(visible());
      },
      stop() {
        chat.on = false;
        clearInterval(chat.guard);
        chat.halt();
        chat.leader?.();
        chat.leader = undefined;
      },
      /** steal: from the tab that leads. */
      lead(steal) {
        if (!chat.on) return;
        if (!locks) return steal ? chat.reconnect() : chat.halt();
        if (chat.leader) return chat.reconnect();
        if (!steal && chat.queued) return;
        let mine = () => {}, robbed = false;
        chat.queued = chat.queued || !steal;
        locks.request(prefix + "stream", steal ? { steal } : {}, () => {
          if (!steal) chat.queued = false;
          return chat.on && !chat.leader && new Promise((done) => {
            chat.leader = mine = () => done(0);
            chat.reconnect(true);
          });
        }).catch(() => (robbed = true)).then(() => {
          if (chat.leader !== mine) return;
          chat.leader = undefined;
          chat.halt();
          chat.heard = Date.now();
          chat.lead(!robbed && visible());
        });
      },
      halt() {
        chat.round++;
        chat.abort?.abort();
        chat.abort = undefined;
        chat.wake();
      },
      /** At once, unless the stream is alive for sure. */
      reconnect(hard) {
        if (!chat.on || (locks && !chat.leader)) return;
        if (!hard && chat.up && chat.abort && Date.now() - chat.heard < 25000) return;
        chat.halt();
        chat.loop(chat.round);
      },
      async loop(round) {
        const live = () => round === chat.round;
        for (let tries = 0; live() && store.conversation; tries++) {
          /** @type {W.Problem | undefined} */
          const p = await chat.stream(round, () => (tries = -1)).catch((e) => e);
          if (!live()) return;
          chat.state(false);
          if (p && [401, 403, 404].includes(p.status)) return chat.renew();
          let until = Date.now() + Math.max(p?.wait || 0, pure.backoff(Math.max(tries, 0))) * slow;
          // No stream to be had: asking goes on as long as it works.
          for (let ask = tries > 0 || !!p?.status, left = 1; live() && left > 0; ) {
            if (ask) await chat.fill().then(() => live() && chat.state(true), (e) => {
              ask = false;
              until = Math.max(until, Date.now() + e.wait * slow);
            });
            left = until - Date.now();
            if (live() && left > 0) await new Promise((done) => {
              chat.wake = () => done(0);
              setTimeout(done, ask ? Math.min(left, 5000 * slow) : left);
            });
          }
        }
      },
      async stream(round, healthy) {
        const abort = (chat.abort = new AbortController());
        let dog = setTimeout(() => abort.abort(), 15000); // no answer, or a proxy that holds it back
        try {
          const res = await env.fetch(`${base}/api/stream?topic=conversation/${store.conversation?.id}&after=${store.cursor}`, {
            headers: { Authorization: "Bearer " + chat.token }, signal: abort.signal, cache: "no-store", credentials: "omit",
          });
          if (!res.ok || !res.body) throw new Problem(res.status, res.headers.get("Retry-After"));
          const reader = res.body.getReader(), text = new TextDecoder(), feed = pure.events((name, data) => {
            if (name === "hello") {
              healthy();
              chat.state(true);
              chat.hello();
            }
            chat.event(name, data, true);
          });
          for (let r; !(r = await reader.read()).done && round === chat.round; feed(text.decode(r.value, { stream: true }))) {
            clearTimeout(dog);
            dog = setTimeout(() => abort.abort(), 45000);
            chat.heard = Date.now();
            chat.tell("beat", chat.up);
          }
        } finally {
          clearTimeout(dog);
          abort.abort();
        }
      },
      state(up) {
        chat.up = up;
        chat.tell("beat", up);
        changed();
      },
      tell: (kind, data) => channel?.postMessage([kind, data]),
      heardOf([kind, d]) {
        const same = chat.token && chat.token === store.get("token");
        chat.heard = Date.now();
        if (kind === "beat") chat.up = chat.leader ? chat.up : d;
        else if (kind === "token" && chat.token && !same) chat.connect();
        else if (same && kind === "event") chat.event(d[0], d[1], false);
        else if (same && kind === "message") chat.take(d);
        changed();
      },

      /** The page is seen again, the network is back, the phone woke up. hard: what was under way is dead. */
      awake(hard) {
        if (hard) for (const c of chat.calls) c.abort();
        chat.fails = 0;
        if (!chat.token) return void (chat.known() && chat.connect());
        chat.lead(visible());
        if (hard) chat.reconnect(true);
        chat.hello();
        chat.adopt().then(chat.flush);
      },
      /** The page goes away, perhaps into the back-forward cache. */
      asleep() {
        chat.stop();
        chat.leave();
      },
      back() {
        chat.present();
        if (store.conversation) chat.open();
        chat.awake(true);
      },
    };
    if (channel) channel.onmessage = (e) => chat.heardOf(e.data);
    chat.present();
    return chat;
  };

  const hook = /** @type {any} */ (globalThis).__shohayTest;
  if (hook) return void Object.assign(hook, pure, { Problem, Store, makeChat });

  // ---- looks

  const CSS = `:host{all:initial;color-scheme:light dark;--panel:#fff;--sunken:#f1efea;--ink:#1d1c1a;--soft:#5f5c56;--faint:#6f6c65;--rule:#e6e3dc;--good:#1a7f4b;--bad:#b42332;color:var(--ink);
font:15px/1.55 system-ui,"Noto Sans","Noto Sans Bengali","Hind Siliguri","Nirmala UI","Kohinoor Bangla",Vrinda,sans-serif}
@media(prefers-color-scheme:dark){:host{--panel:#1a1b19;--sunken:#262825;--ink:#edece7;--soft:#a9a79f;--faint:#8f8d86;--rule:#2c2d2a;--good:#5ac28d;--bad:#f2808a}}
@media print{:host{display:none}}
*{box-sizing:border-box;margin:0}
[hidden],.tray:empty,.err:empty,.bar:empty{display:none!important}
button,input,textarea{font:inherit;color:inherit;background:none;border:0;padding:0;border-radius:8px}
button,a{cursor:pointer;color:inherit;text-align:start}
input,textarea{font-size:16px}
::placeholder{color:var(--faint);opacity:1}
:focus-visible{outline:2px solid var(--at);outline-offset:2px}
svg{width:20px;height:20px;fill:none;stroke:currentColor;stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round;flex:none}
.vh{position:absolute;clip-path:inset(50%)}
.round{display:grid;place-items:center;width:44px;height:44px;border-radius:50%;flex:none}
.launch,.panel{position:fixed;z-index:2147483000;right:24px;bottom:24px;box-shadow:0 1px 2px #0001,0 8px 28px #0003}
.left>*{right:auto;left:24px}
.launch{width:56px;height:56px;background:var(--a);color:var(--ai);transition:transform .15s}
.launch:hover{transform:scale(1.05)}
.launch svg{width:26px;height:26px}
.launch i{position:absolute;top:-4px;right:-4px;min-width:22px;padding:0 6px;border-radius:11px;background:#c62839;color:#fff;font-weight:600;font-size:13px;line-height:22px;font-style:normal;text-align:center}
.panel{bottom:96px;width:384px;height:min(660px,100vh - 120px);background:var(--panel);border-radius:20px;overflow:hidden;display:flex;flex-direction:column;animation:in .16s ease-out}
@keyframes in{from{opacity:0;transform:translateY(12px)}}
.head{display:flex;align-items:center;gap:12px;padding:14px 12px 14px 20px;background:var(--h);color:var(--hi)}
.head .round{margin:-4px}
.who{flex:1;min-width:0}
.who b{font-size:17px;line-height:1.4;display:block;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.sub{font-size:13px;line-height:1.45;display:block}
.dot::before{content:"";display:inline-block;width:8px;height:8px;border-radius:50%;background:#5fe09a;margin-inline-end:6px}
.card .dot::before{background:var(--good)}
.face{width:34px;height:34px;border-radius:50%;border:2px solid var(--h);display:grid;place-items:center;font:650 12px/1 inherit;font-family:inherit;object-fit:cover;background:hsl(var(--n,160) 45% 88%);color:hsl(var(--n,160) 55% 26%)}
.face+.face{margin-inline-start:-20px;--n:25}
.face+.face+.face{--n:265}
.home{flex:1;overflow:auto}
.hero{background:var(--h);color:var(--hi);padding:22px 20px 56px;font-size:18px}
.hero b{font-size:28px;line-height:1.35;display:block}
.cards{display:grid;gap:12px;padding:0 16px;margin-top:-32px}
.card{background:var(--panel);border:1px solid var(--rule);border-radius:14px;padding:14px 16px;display:flex;align-items:center;gap:12px;text-decoration:none;min-height:72px;box-shadow:0 2px 10px #0000000f}
.card:hover{border-color:var(--at)}
.card span{flex:1}
.card .sub{color:var(--soft)}
.card svg{color:var(--at)}
.skel{animation:t 1.2s infinite}
.bar{padding:7px 16px;font-size:13px;background:var(--sunken);color:var(--soft);text-align:center}
.log{flex:1;overflow:auto;overflow-anchor:none;overscroll-behavior:contain;padding:16px 16px 8px;display:flex;flex-direction:column;gap:4px}
.line{align-self:center;text-align:center;font-size:12px;color:var(--faint);padding:6px 12px}
.hint{font-size:14px;color:var(--soft);max-width:300px;margin:auto;padding:12px}
.m{max-width:82%;display:flex;flex-direction:column;align-items:flex-start;gap:4px;overflow-wrap:anywhere}
.me{align-self:end;align-items:end}
.end{margin-bottom:8px}
.b{padding:9px 14px;border-radius:18px;background:var(--sunken);white-space:pre-wrap}
.me .b{background:var(--a);color:var(--ai)}
.end .b{border-end-start-radius:5px}
.me.end .b{border-radius:18px;border-end-end-radius:5px}
.wait .b{opacity:.75}
.by{font-size:12px;color:var(--faint)}
.by svg{width:15px;height:15px;vertical-align:-3px}
.bad .by{color:var(--bad);font-weight:600;text-align:end}
.by button{text-decoration:underline;padding:12px 4px;margin:-12px 0 -12px 4px}
.pic{display:block;width:220px;max-width:100%;aspect-ratio:4/3;object-fit:cover;border-radius:14px;background:var(--sunken)}
.file{display:flex;gap:8px;align-items:center;border:1px solid var(--rule);border-radius:12px;padding:0 12px;font-size:14px;min-height:44px}
.typing{flex-direction:row;padding:14px;align-self:start}
.typing i{width:7px;height:7px;border-radius:50%;background:var(--faint);animation:t 1.2s infinite}
.typing i+i{animation-delay:.15s}
.typing i+i+i{animation-delay:.3s}
@keyframes t{50%{opacity:.3}}
.ask{display:flex;gap:8px;padding:12px;border-radius:14px;background:var(--as);flex-wrap:wrap;justify-content:space-between;font-size:14px}
.ask input{flex:1;min-width:0;height:44px;background:var(--panel);border:1px solid var(--rule);padding:0 12px}
.ask p{width:100%}
.ask .go{padding:0 16px;font-weight:600;background:var(--a);color:var(--ai)}
.ask .star{font-size:26px;justify-content:center;filter:grayscale(.6)}
.star:hover,.ask [aria-pressed=true]{filter:none;background:var(--panel)}
.err{color:var(--bad);font-size:13px;padding:8px 16px 0;width:100%}
.pill{position:absolute;align-self:center;bottom:80px;background:var(--a);color:var(--ai);border-radius:99px;padding:11px 18px;font-size:13px;font-weight:600;box-shadow:0 2px 10px #0003}
.tray{display:flex;gap:8px;flex-wrap:wrap;padding:10px 12px 0}
.tray .file{padding-inline-end:0}
.tray img{width:32px;height:32px;object-fit:cover;border-radius:6px}
.row{display:flex;align-items:end;padding:10px 12px max(10px,env(safe-area-inset-bottom)) 4px;color:var(--soft);border-top:1px solid var(--rule)}
.row textarea{flex:1;min-width:0;resize:none;background:var(--sunken);color:var(--ink);border-radius:22px;padding:10px 16px;max-height:130px;line-height:24px;margin-inline-end:10px}
.send{background:var(--a);color:var(--ai)}
.send:disabled{opacity:.5;cursor:default}
.drop{outline:2px dashed var(--at);outline-offset:-10px}
@media(max-width:480px){.panel{inset:0!important;width:auto;height:100vh;height:100dvh;border-radius:0}.launch{bottom:16px;right:16px}.left .launch{left:16px}.panel:not([hidden])+.launch{display:none}}
@media(prefers-reduced-motion:reduce){*{animation:none!important;transition:none!important}}`;

  /** Said before the shop's own words are fetched. @type {Record<string, string[]>} */
  const FIRST = {
    en: ["Chat with us", "Close chat", "The chat could not be loaded. Check your connection.", "Try again"],
    bn: ["চ্যাট করুন", "চ্যাট বন্ধ করুন", "চ্যাট খোলা গেল না। ইন্টারনেট সংযোগ দেখুন।", "আবার চেষ্টা করুন"],
  };

  class Html extends String {}
  /** Escapes all that is put in, unless it is Html already. @type {W.Tag} */
  const html = (parts, ...put) =>
    new Html(parts.map((s, i) => (i ? [put[i - 1]].flat().map((v) => (v instanceof Html ? v : v || v === 0 ? String(v).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`) : "")).join("") : "") + s).join(""));
  /** @type {(path: string) => Html} */
  const svg = (d) => html`<svg viewBox="0 0 20 20" aria-hidden="true"><path d="${d}"/></svg>`;
  const ICON = {
    chat: svg("M4 4h12l1.500 1.500v7L16 14H9l-4 3v-3H4l-1.500-1.500v-7z"), down: svg("M5 8l5 5 5-5"), x: svg("M5 5l10 10M15 5L5 15"), back: svg("M12 4l-6 6 6 6"), send: svg("M10 16V4M5 9l5-5 5 5"),
    clip: svg("M14.500 9.500l-5 5a3 3 0 01-4.300-4.300l6-6a2 2 0 013 3l-6 6a1 1 0 01-1.500-1.500l5-5"), photo: svg("M3 6.500h3L7.500 4h5L14 6.500h3V16H3zM10 8a3 3 0 100 6 3 3 0 000-6z"),
    go: svg("M8 5l5 5-5 5"), file: svg("M5 2.500h6L15 6.500v11H5zM11 2.500v4h4"), one: svg("M4 10.500l4 4 8-9"), two: svg("M1.500 10.500l4 4 7.500-9M10 13.500l1 1 7.500-9"),
  };

  /** fetch tells no progress of an upload. @type {NonNullable<W.Env["upload"]>} */
  const upload = (url, token, form, progress) =>
    new Promise((done, fail) => {
      const x = new XMLHttpRequest();
      let dog = 0;
      const alive = () => {
        clearTimeout(dog);
        dog = setTimeout(() => x.abort(), 45000);
      };
      alive();
      x.open("POST", url);
      x.setRequestHeader("Authorization", "Bearer " + token);
      x.responseType = "json";
      x.upload.onprogress = (e) => {
        alive();
        progress(e.loaded / e.total);
      };
      x.onloadend = () => {
        clearTimeout(dog);
        x.status === 200 ? done(x.response) : fail(new Problem(x.status, x.getResponseHeader("Retry-After"), x.response));
      };
      x.send(form);
    });

  /** A photo of a phone has several megabytes; a shop needs one. @type {(file: File) => Promise<File>} */
  const shrink = async (file) => {
    if (file.size < 1e6 || !/^image\/(jpeg|png|webp)$/.test(file.type)) return file;
    try {
      const pic = await createImageBitmap(file), k = Math.min(1, 2000 / Math.max(pic.width, pic.height)), c = document.createElement("canvas");
      c.width = pic.width * k;
      c.height = pic.height * k;
      c.getContext("2d")?.drawImage(pic, 0, 0, c.width, c.height);
      const blob = await new Promise((/** @type {BlobCallback} */ done) => c.toBlob(done, "image/jpeg", 0.85));
      return blob && blob.size < file.size ? new File([blob], file.name.replace(/\.\w+$/, ".jpg"), { type: blob.type }) : file;
    } catch {
      return file;
    }
  };

  /** @param {HTMLScriptElement} script */
  const widget = (script) => {
    const doc = document, base = new URL(script.src).origin, prefix = `shohay:${base}:`, attr = (/** @type {string} */ s) => script.getAttribute("data-" + s);
    const host = doc.body.appendChild(doc.createElement("div")), root = host.attachShadow({ mode: "open" }), coarse = matchMedia("(pointer:coarse)").matches;
    root.innerHTML = `${html`<div class="${attr("position")}"><div class="panel" role="dialog" hidden><div class="head"></div><div class="home"></div><div class="bar" role="status"></div>
<div class="log" role="log" tabindex="0" data-l="log"></div><button class="pill" data-do="bottom"></button><div class="err" role="alert"></div><div class="tray"></div><div class="row">
<input class="pick" type="file" multiple hidden><input class="shot" type="file" accept="image/*" capture="environment" hidden><button class="round" data-do="pick" data-l="attach">${ICON.clip}</button>
<button class="round" data-do="shot" data-l="camera" ${coarse ? "" : "hidden"}>${ICON.photo}</button><textarea class="box" rows="1" data-l="write"></textarea><button class="round send" data-do="send" data-l="send">${ICON.send}</button></div></div>
<button class="round launch" data-do="toggle"></button></div>`}`;
    const [panel, head, home, bar, log, pill, err, tray, foot, pick, shot, box, go, launch] = ["panel", "head", "home", "bar", "log", "pill", "err", "tray", "row", "pick", "shot", "box", "send", "launch"]
      .map((c) => /** @type {any} */ (root.querySelector("." + c)));
    let shelf = /** @type {Storage | null} */ (null), config = /** @type {W.Config | null} */ (null), staged = /** @type {File[]} */ ([]), shown = /** @type {Map<string, any>} */ (new Map());
    let view = "", error = "", fetched = 0, typed = 0, down = 0, score = 0, tick = 0, busy = false, rated = false, asked = false, glue = true;
    const blobs = /** @type {WeakMap<File, string>} */ (new WeakMap()), local = /** @type {Map<string, File[]>} */ (new Map()); // a picture just sent is not fetched again
    try {
      shelf = localStorage;
    } catch {}
    const chat = makeChat({ base, prefix, shelf, upload, fetch: (u, o) => fetch(u, o), locks: navigator.locks, Channel: self.BroadcastChannel, visible: () => !doc.hidden }, () => ui.soon());
    const { store } = chat;

    /** What buttons and forms do: data-do names it, data-id is its argument. @type {Record<string, (id: any) => void>} */
    const act = {
      toggle: () => (panel.hidden ? ui.open() : ui.close()),
      close: () => ui.close(),
      go: (to) => ui.go(to),
      again: () => ui.configure(),
      bottom: () => ui.bottom(),
      pick: () => pick.click(),
      shot: () => shot.click(),
      send: () => ui.send(),
      drop: (i) => (staged.splice(i, 1), ui.render()),
      remove: (id) => (store.remove(id), ui.render()),
      retry(id) {
        for (const p of store.pending) if (p.client_id === id) p.error = "";
        chat.kick();
      },
      rate: (n) => ui.rate(+n),
      comment() {
        rated = true;
        ui.rate(score, log.querySelector(".say").value);
      },
      email: () => ui.saveEmail(),
    };

    /** @type {W.Ui} */
    const ui = {
      t(key, v = {}) {
        let s = config?.strings[key] || "";
        if (typeof s === "object") s = s[new Intl.PluralRules(chat.lang).select(v.n)] || s.other;
        return s.replace(/{(\w+)}/g, (_, k) => (k === "n" ? ui.num(v.n) : v[k]));
      },
      num: (n, o) => new Intl.NumberFormat(chat.lang, o).format(n),
      size: (n) => (n > 9e5 ? ui.num(n / 1048576, { style: "unit", unit: "megabyte", maximumFractionDigits: 1 }) : ui.num(Math.ceil(n / 1024), { style: "unit", unit: "kilobyte" })),
      date: (at, o) => new Intl.DateTimeFormat(chat.lang, o).format(new Date(at)),
      time: (at) => ui.date(at, { hour: "numeric", minute: "2-digit" }),
      day(at, o) {
        const days = Math.round((new Date(at).setHours(12) - new Date().setHours(12)) / 864e5);
        return Math.abs(days) < 2 ? new Intl.RelativeTimeFormat(chat.lang, { numeric: "auto" }).format(days, "day") : ui.date(at, o);
      },

      language() {
        const lang = (attr("lang") || doc.documentElement.lang || navigator.language).slice(0, 2);
        if (lang === chat.lang) return;
        chat.lang = lang;
        if (config) ui.configure();
        ui.render();
      },
      /** Not an inline style, which a shop's CSP may forbid. */
      tint() {
        const css = (/** @type {boolean} */ dark) => {
          const { accent, ink, text, soft } = pure.palette(attr("colour") || config?.shop.colour || "", dark);
          return `:host{--a:rgb(${accent});--ai:rgb(${ink});--at:rgb(${text});--as:rgb(${soft});--h:var(--a${dark ? "s" : ""});--hi:var(--${dark ? "ink" : "ai"})}`;
        };
        const all = `${CSS}${css(false)}@media(prefers-color-scheme:dark){${css(true)}}`;
        try {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(all);
          root.adoptedStyleSheets = [sheet];
        } catch {
          root.querySelector("style")?.remove();
          root.append(Object.assign(doc.createElement("style"), { textContent: all }));
        }
      },

      open(focus = true) {
        panel.hidden = false;
        glue = true;
        if (view === "home" && (store.conversation || store.pending.length)) view = "chat";
        ui.configure();
        if (!chat.token) chat.connect();
        ui.fit();
        ui.render();
        if (focus) ui.focus();
      },
      close() {
        panel.hidden = true;
        ui.render();
        launch.focus();
      },
      /** What the shop says of itself, asked for at most every five minutes. */
      async configure() {
        if (config?.lang === chat.lang && Date.now() - fetched < 3e5) return;
        if (view === "fail") view = "";
        const c = await chat.api("GET", "config").catch(() => null);
        await chat.starting?.catch(() => {});
        if (c) {
          if (!chat.up) chat.online = c.online;
          config = c;
          fetched = Date.now();
          ui.tint();
          panel.setAttribute("aria-label", ui.t("title", { shop: c.shop.name }));
          for (const el of root.querySelectorAll("[data-l]")) el.setAttribute("aria-label", ui.t(el.getAttribute("data-l") || ""));
          box.placeholder = ui.t("write");
          pick.accept = c.limits.types.join();
        }
        if (!view) ui.go(!config ? "fail" : store.conversation || store.pending.length ? "chat" : "home");
        ui.render();
      },
      go(to) {
        view = to;
        glue = true;
        ui.render();
        if (!panel.hidden) ui.focus();
      },
      focus: () => (view !== "chat" ? panel.querySelector(".card,.x") : coarse ? log : box)?.focus(),
      key(e) {
        e.stopPropagation(); // the page has shortcuts of its own
        if (e.key === "Escape") ui.close();
        if (e.target === box && e.key === "Enter" && !e.shiftKey && !e.isComposing && !coarse) e.preventDefault(), ui.send();
        if (e.key !== "Tab") return;
        const all = [...panel.querySelectorAll("button,a,input,textarea,.log")].filter((x) => x.offsetParent && !x.disabled), last = all.length - 1;
        if (root.activeElement === all[e.shiftKey ? 0 : last]) e.preventDefault(), all[e.shiftKey ? last : 0].focus();
      },
      /** A phone's keyboard takes its room from the full screen. */
      fit() {
        const v = visualViewport, full = v && innerWidth <= 480 && v.scale === 1;
        panel.style.height = full ? v.height + "px" : "";
        panel.style.transform = full && v.offsetTop ? `translateY(${v.offsetTop}px)` : "";
        if (glue) ui.bottom();
      },
      bottom: () => (log.scrollTop = log.scrollHeight),
      async scrolled() {
        glue = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
        if (glue) ui.soon();
        if (log.scrollTop > 80 || !store.more || busy) return;
        busy = true;
        await chat.earlier().catch(() => {});
        const below = log.scrollHeight - log.scrollTop;
        ui.render();
        log.scrollTop = log.scrollHeight - below;
        busy = false;
      },

      input() {
        const on = !!box.value.trim();
        ui.grow();
        if (!store.conversation || (on && Date.now() - typed < 3000)) return;
        typed = on ? Date.now() : 0;
        chat.api("POST", "typing", { on }).catch(() => {});
      },
      grow() {
        box.style.height = "0";
        box.style.height = box.scrollHeight + "px";
        go.disabled = !box.value.trim() && !staged.length;
      },
      async stage(files) {
        const limits = config?.limits;
        error = "";
        for (const raw of [...files]) {
          const f = await shrink(raw), bad = limits && pure.fileProblem(f, limits);
          if (bad) error = ui.t(bad, { name: f.name, limit: ui.size(limits.file_bytes) });
          else if (limits && staged.length >= limits.files) error = ui.t("files_too_many", { n: limits.files });
          else staged.push(f);
        }
        ui.render();
        box.focus();
      },
      send() {
        const text = box.value.trim(), files = staged;
        if (!text && !files.length) return;
        if (log.querySelector(".email")?.value) ui.saveEmail();
        box.value = error = "";
        staged = [];
        typed = 0;
        glue = true;
        chat.send(text, files, { url: location.href, title: doc.title });
        if (files.length && store.pending.length) local.set(store.pending[store.pending.length - 1].client_id, files);
        ui.render();
        box.focus();
      },
      saveEmail() {
        const el = log.querySelector(".email"), say = (/** @type {string} */ s) => (el.nextElementSibling.nextElementSibling.textContent = s);
        if (!el.value || !el.checkValidity()) return say(ui.t("email_bad"));
        chat.leaveEmail(el.value).catch((e) => ((error = e.message), ui.render()));
        ui.render();
      },
      rate(n, comment = "") {
        score = n;
        chat.api("POST", "rating", { score, comment }).then((r) => store.merge(r.conversation), (e) => ((error = e.message || ui.t("not_sent")), (score = 0), (rated = false))).then(() => ui.render());
        ui.render();
      },

      /** One rendering for all that happens at once. */
      soon(ms = 16) {
        if (ms > 16) setTimeout(ui.soon, ms);
        else tick = tick || setTimeout(ui.render, ms);
      },
      put(el, content) {
        if (el.was !== `${content}`) el.innerHTML = el.was = `${content}`;
      },
      render() {
        clearTimeout(tick);
        tick = 0;
        const { t } = ui, c = config, n = store.unread().length, open = !panel.hidden, now = Date.now(), talk = view === "chat", words = FIRST[chat.lang] || FIRST.en;
        ui.put(launch, html`${open ? ICON.down : ICON.chat}${n > 0 && !open && html`<i>${ui.num(n)}</i>`}`);
        launch.setAttribute("aria-label", words[open ? 1 : 0] + (n && !open ? ` (${ui.num(n)})` : ""));
        launch.setAttribute("aria-expanded", open);
        host.lang = chat.lang;
        if (!open) return;

        const here = !!c && chat.online && c.office.open;
        const sub = c && html`<span class="sub ${here && "dot"}">${c.expectation || t(here ? "online" : "offline_team")}</span>`;
        ui.put(head, html`${talk && html`<button class="round" data-do="go" data-id="home" aria-label="${t("back")}">${ICON.back}</button>`}
${c && (c.agents.length ? c.agents.slice(0, 3) : [{ name: c.shop.name, avatar: c.shop.logo }]).map(ui.face)}<div class="who"><b>${c?.shop.name}</b>${sub}</div>
<button class="round x" data-do="close" aria-label="${words[1]}">${ICON.x}</button>`);
        home.hidden = talk;
        log.hidden = foot.hidden = !talk;
        ui.put(home, view === "fail" ? html`<div class="hint" role="alert">${words[2]}<br><br><button class="card" data-do="again">${words[3]}</button></div>`
          : !c ? html`<div class="hero"><b>…</b></div><div class="cards"><div class="card skel"></div></div>`
          : html`<div class="hero"><b>${t("greeting")}</b>${t("greeting_sub")}</div><div class="cards"><button class="card" data-do="go" data-id="chat"><span><b>${t(store.conversation ? "continue_chat" : "chat_with_us")}</b>${sub}</span>${ICON.go}</button>
${c.portal && html`<a class="card" target="_blank" rel="noopener" href="${new URL(c.portal, base).href}"><span><b>${t("help_page")}</b><span class="sub">${t("help_page_hint")}</span></span>${ICON.go}</a>`}</div>`);

        const lost = chat.on && !chat.up;
        down = lost ? down || now : 0;
        if (lost && now - down < 3000) ui.soon(3100);
        ui.put(bar, html`${!navigator.onLine ? t("offline") : lost && now - down >= 3000 && t("reconnecting")}`);
        ui.put(err, html`${talk && error}`);
        ui.put(tray, html`${talk && staged.map((f, i) => html`<div class="file">${f.type.startsWith("image/") ? html`<img src="${ui.blob(f)}" alt="">` : ICON.file}${f.name}<button class="round" data-do="drop" data-id="${i}" aria-label="${t("remove_file", { name: f.name })}">${ICON.x}</button></div>`)}`);
        pill.hidden = true;
        if (!talk || !c) return;
        ui.list(ui.rows(here));
        if (glue) ui.bottom();
        pill.hidden = glue || !n;
        ui.put(pill, html`${t("new_messages", { n })}`);
        if (glue && !doc.hidden) chat.read();
        ui.grow();
      },
      face: ({ name, avatar }) => (avatar ? html`<img class="face" alt="" src="${new URL(avatar, base).href}">` : html`<span class="face" aria-hidden="true">${name.match(/\P{M}\p{M}*/u)}</span>`),
      blob(f) {
        const url = blobs.get(f) || URL.createObjectURL(f);
        blobs.set(f, url);
        return url;
      },

      rows(here) {
        const { t } = ui, c = config, conv = store.conversation, rows = /** @type {W.Row[]} */ ([]), all = store.messages, mine = all.filter((m) => m.kind === "incoming");
        let day = "";
        const line = (/** @type {string} */ key, /** @type {any} */ s, cls = "line") => rows.push([key, html`<div class="${cls}">${s}</div>`]);
        const dated = (/** @type {string | number} */ at) => day !== (day = new Date(at).toDateString()) && line(day, ui.day(at, { day: "numeric", month: "long" }));
        all.forEach((m, i) => {
          const next = all[i + 1], me = m.kind === "incoming", name = me ? t("you") : m.author.name || c?.shop.name || "", seen = conv && m.seq <= conv.staff_seen_seq;
          const last = next ? next.kind !== m.kind || next.author.id !== m.author.id || Date.parse(next.created) - Date.parse(m.created) > 3e5 : !me || !store.pending.length;
          dated(m.created);
          rows.push([m.client_id || m.id, ui.message(me, last ? "end" : "", name, m.text, m.files, last &&
            html`${!me && `${m.author.kind === "bot" ? t("bot") : name} · `}${ui.time(m.created)}${m === mine[mine.length - 1] && html` · ${t(seen ? "read" : "delivered")} ${seen ? ICON.two : ICON.one}`}`, local.get(m.client_id))]);
          store.lines.forEach((l, j) => l.seq >= m.seq && (!next || l.seq < next.seq) && line("l" + j, t(l.kind)));
        });
        for (const p of store.pending) {
          const dead = p.lost && !p.text, bad = p.error || dead || ((p.tries || 0) > 1 && !p.sending);
          const why = (p.error || "").trim() || (dead && t("files_lost")), id = p.client_id;
          dated(p.at);
          rows.push([id, ui.message(true, bad ? "end bad" : "end wait", t("you"), p.text, p.files || [], bad
            ? html`${t("not_sent")}${why && ": " + why}${!dead && html`<button data-do="retry" data-id="${id}">${t("retry")}</button>`}${(p.error || dead) && html`<button data-do="remove" data-id="${id}">${t("remove")}</button>`}`
            : html`${!p.sending ? t("waiting") : p.progress ? t("uploading", { percent: ui.num(p.progress, { style: "percent" }) }) : t("sending")}`, p.files)]);
        }
        if (!rows.length) line("hint", t("empty"), "hint");

        const answered = mine[0] && all.some((m) => m.author.kind === "agent" && m.seq > mine[0].seq), email = chat.mail || conv?.email, wait = mine[0] ? 60000 - (Date.now() - Date.parse(mine[0].created)) : Infinity;
        if (wait > 0 && wait < 60001) ui.soon(wait + 500);
        if (email) answered || line("mail", t("email_saved", { email }));
        else if (!chat.identity?.email && conv?.status !== "solved" && !answered && (!here || wait <= 0 || asked)) {
          const at = c && !c.office.open && c.office.next;
          asked = true;
          line("why", here ? t("email_ask") : at ? t("leave_message_until", { when: `${ui.day(at, { weekday: "long" })} ${ui.time(at)}` }) : t("leave_message"), "hint");
          rows.push(["ask", html`<form class="ask" data-do="email" novalidate><input class="email" type="email" autocomplete="email" placeholder="${t("email_label")}" aria-label="${t("email_label")}"><button class="go">${t("email_save")}</button><p class="err" role="alert"></p></form>`]);
        }
        if (conv?.status !== "solved") score = 0;
        else if (answered && (!conv.rating || score)) {
          rows.push(["rate", html`<div class="ask"><p role="status">${t(score ? "rate_thanks" : "rate_ask")}</p>${["😞", "🙁", "😐", "🙂", "😍"].map((s, i) =>
            html`<button class="round star" data-do="rate" data-id="${i + 1}" aria-label="${t("rate_" + (i + 1))}" title="${t("rate_" + (i + 1))}" aria-pressed="${score === i + 1 ? "true" : "false"}">${s}</button>`)}</div>`]);
          if (score && !rated) rows.push(["say", html`<form class="ask" data-do="comment"><input class="say" maxlength="1000" placeholder="${t("rate_comment")}" aria-label="${t("rate_comment")}"><button class="go">${t("send")}</button></form>`]);
        }
        if (chat.typing.until > Date.now()) rows.push(["typing", html`<div class="m b typing" role="img" aria-label="${t("typing", chat.typing)}"><i></i><i></i><i></i></div>`]);
        return rows;
      },
      message: (me, cls, name, text, files, by, own) => html`<div class="m ${me && "me"} ${cls}"><span class="vh">${name}: </span>${files.map((f, i) => {
        const mine = own?.[i], href = "url" in f && new URL(f.url, base).href, src = mine?.type.startsWith("image/") ? ui.blob(mine) : "image" in f && f.image && href;
        return html`<a ${href && html`href="${href}"`} target="_blank" rel="noopener" class="${!src && "file"}">${src ? html`<img class="pic" src="${src}" alt="${f.name}">` : html`${ICON.file}${f.name} (${ui.size(f.size)})`}</a>`;
      })}${text && html`<div class="b">${pure.links(text).map((s, i) => (i % 2 ? html`<a href="${s}" target="_blank" rel="noopener nofollow">${s}</a>` : s))}</div>`}${by && html`<div class="by">${by}</div>`}</div>`,
      /** Keeps the elements that did not change, so that nothing typed or focused is lost. */
      list(rows) {
        const old = shown, make = doc.createElement("template");
        shown = new Map();
        for (const [key, content] of rows) {
          let el = old.get(key);
          if (el?.was !== `${content}`) {
            make.innerHTML = `${content}`;
            const fresh = /** @type {any} */ (make.content.firstElementChild);
            if (el) el.replaceWith(fresh);
            el = fresh;
            el.was = `${content}`;
          }
          old.delete(key);
          shown.set(key, el);
        }
        for (const el of old.values()) el.remove();
        [...shown.values()].forEach((el, i) => log.children[i] === el || log.insertBefore(el, log.children[i] || null));
      },
    };

    const on = (/** @type {EventTarget | null} */ to, /** @type {string} */ names, /** @type {(e: any) => void} */ f, capture = false) => names.split(" ").forEach((n) => to?.addEventListener(n, f, capture));
    on(root, "click submit", (e) => {
      const el = e.target.closest("[data-do]");
      if (!el || (e.type === "click" && el.tagName === "FORM")) return;
      e.preventDefault();
      act[el.dataset.do](el.dataset.id);
    });
    on(root, "change", (e) => {
      if (e.target.files) ui.stage(e.target.files).then(() => (e.target.value = ""));
    });
    // a picture that cannot be shown becomes a file
    on(root, "error", (e) => {
      e.target.parentNode.classList.add("file");
      e.target.replaceWith(e.target.alt);
    }, true);
    on(panel, "keydown", ui.key);
    on(box, "input", ui.input);
    on(box, "paste", (e) => {
      if (e.clipboardData.files.length) e.preventDefault(), ui.stage(e.clipboardData.files);
    });
    on(panel, "dragover dragleave drop", (e) => {
      if (view !== "chat" || !e.dataTransfer.types.includes("Files")) return;
      e.preventDefault();
      panel.classList.toggle("drop", e.type === "dragover");
      if (e.type === "drop") ui.stage(e.dataTransfer.files);
    });
    on(log, "scroll", ui.scrolled);
    on(visualViewport, "resize scroll", ui.fit);
    on(doc, "visibilitychange", () => (chat.awake(false), ui.soon()));
    on(window, "online", () => (chat.awake(true), ui.soon()));
    on(window, "offline", () => ui.soon());
    on(window, "pagehide", chat.asleep);
    on(window, "pageshow", (e) => e.persisted && chat.back());
    for (const el of [doc.documentElement, script]) new MutationObserver(ui.language).observe(el, { attributeFilter: ["lang", "data-lang"] });
    chat.identity = pure.contact(attr("contact"));
    ui.language();
    ui.tint();
    if (chat.known()) setTimeout(chat.connect, 1000);
    /** @type {any} */ (window).Shohay = { open: ui.open, close: ui.close, identify: chat.identify };
    dispatchEvent(new Event("shohay:ready"));
  };

  const script = /** @type {HTMLScriptElement | null} */ (document.currentScript), boot = () => script && "Shohay" in window === false && widget(script);
  document.body ? boot() : addEventListener("DOMContentLoaded", boot);
})();
