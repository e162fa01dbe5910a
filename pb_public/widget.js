// Shohay's chat widget: .ci/widget.d.ts tells how it works
(() => {
/** @type {any} the server puts the shop's here */
const GREETING = null;
/** @type {W.Pure} */
const pure = {
  rgb: (s) => (/^#[\da-f]{6}$/i.test(s) ? s : "#006a4e").match(/\w\w/g)?.map((x) => parseInt(x, 16)) || [],
  light: (c) => c.reduce((sum, v, i) => sum + (v / 255) ** 2.2 * [0.21, 0.72, 0.07][i], 0.05),
  contrast: (a, b) => Math.max(pure.light(a) / pure.light(b), pure.light(b) / pure.light(a)),
  against(c, ground, least) {
    const to = pure.light(ground) > 0.3 ? 0 : 255;
    let part = 0, out = c;
    while (pure.contrast(out, ground) < least) out = c.map((v) => Math.round(v + (to - v) * (part += 0.02)));
    return out;
  },
  palette(colour, dark) {
    const base = pure.rgb(colour), panel = dark ? [26, 27, 25] : [255, 255, 255], text = pure.against(base, panel, 4.6), accent = dark ? text : pure.against(base, panel, 1.5);
    return { accent, text, ink: pure.light(accent) > 0.22 ? [0, 0, 0] : [255, 255, 255], soft: panel.map((v, i) => v + Math.round((accent[i] - v) * 0.13)) };
  },
  backoff: (n) => Math.min(30000, 1000 * 2 ** n) * (0.5 + Math.random() / 2),
  events(on) {
    let rest = "";
    return (chunk) => {
      const blocks = (rest + chunk).split("\n\n");
      rest = blocks.pop() || "";
      for (const block of blocks) {
        const [name, data] = ["event", "data"].map((k) => new RegExp(`^${k}: ?(.*)`, "m").exec(block)?.[1]);
        if (name && data) on(name, JSON.parse(data));
      }
    };
  },
  contact(s) {
    try {
      return s && JSON.parse(s.includes("{") ? s : new TextDecoder().decode(Uint8Array.from(atob(s), (c) => c.charCodeAt(0))));
    } catch (e) {
      console.warn("data-contact", e);
      return null;
    }
  },
  fileProblem: ({ size, type }, { file_bytes, types }) => !size ? "file_empty" : size > file_bytes ? "file_too_big"
    : !type || types.some((t) => type === t || (t.endsWith("*") && type.startsWith(t.slice(0, -1)))) ? "" : "file_type",
  fits: (pages, path) => !pages.length || pages.some((p) => new RegExp(`^${p.replace(/[^*]+/g, (s) => s.replace(/[.+?^${}()|[\]\\]/g, "\\$&")).replace(/\*+/g, ".*")}$`).test(path)),
  links: (text) => text.split(/(https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]}।])/),
};
/** @type {W.Fail} */
const fail = (status, after, body) => ({
  status, message: body?.message || "", wait: Math.min(300, Number(after) || 0) * 1000,
  final: status >= 400 && status < 500 && ![401, 408, 425, 429].includes(status),
});
/** @type {W.MakeStore} */
const makeStore = ({ shelf, prefix, tab }) => {
  /** @type {W.Store} */
  const store = {
    pending: [], messages: [], conversation: null, lines: [], own: {}, more: false, gap: false, seq: 0, cursor: 0, ahead: 0, last: 0,
      get(key) {
      try {
        return shelf.getItem(prefix + key);
      } catch {
        return null;
      }
    },
    set(key, value) {
      try {
        value ? shelf.setItem(prefix + key, value) : shelf.removeItem(prefix + key);
      } catch {}
    },
    queued: () => Object.keys(shelf || {}).filter((k) => k.startsWith(prefix + "q:")).map((k) => k.slice(prefix.length)).sort(),
    begin(a) {
      Object.assign(store, { messages: [], lines: [], conversation: null, gap: false, more: a.more, cursor: a.seq, ahead: 0 });
      store.add(a.messages, "page");
      store.merge(a.conversation);
    },
    add(list, from) {
      for (const m of list) {
        if (from === "live" && store.gap) store.ahead = Math.max(store.ahead, m.seq);
        else if (from !== "aside") store.cursor = Math.max(store.cursor, m.seq);
        if (m.client_id && m.kind === "incoming") store.remove(m.client_id);
        let i = store.messages.length;
        while (i && store.messages[i - 1].seq > m.seq) i--;
        if (!i || store.messages[i - 1].seq < m.seq) store.messages.splice(i, 0, m);
      }
    },
    whole() {
      store.gap = false;
      store.cursor = Math.max(store.cursor, store.ahead);
    },
    merge(c) {
      const old = store.conversation, seq = store.messages.at(-1)?.seq || 0;
      if (!c) return;
      if (old?.id === c.id) {
        if (c.last_seq < old.last_seq) return;
        c.staff_seen_seq = Math.max(c.staff_seen_seq, old.staff_seen_seq);
        c.contact_seen_seq = Math.max(c.contact_seen_seq, old.contact_seen_seq);
      }
      const was = old?.status === "solved", is = c.status === "solved";
      if (was !== is && (is || old?.id === c.id)) store.lines.push(is ? { seq, kind: "solved_line" } : { seq: store.lines.at(-1)?.seq || seq, kind: "reopened_line" });
      store.conversation = c;
    },
    seen(by, seq) {
      const c = store.conversation;
      if (c) c[`${by}_seen_seq`] = Math.max(c[`${by}_seen_seq`], seq);
    },
    unread: () => store.messages.filter((m) => m.kind === "outgoing" && m.seq > (store.conversation?.contact_seen_seq || 0)),
    enqueue(text, files, page) {
      const at = (store.last = Math.max(store.last + 1, Date.now())), client_id = `${at}-${crypto.getRandomValues(new Uint32Array(3)).join("")}`;
      store.own[client_id] = files;
      store.pending.push({ client_id, text, at, tab, names: files.map((f) => f.name), page });
      store.keep(store.pending[store.pending.length - 1]);
    },
    keep: (item) => store.set("q:" + item.client_id, JSON.stringify({ ...item, tries: 0, sending: false })),
    restore() {
      for (const key of store.queued())
        try {
          const item = JSON.parse(store.get(key) || ""), is = (/** @type {{client_id: string}} */ m) => m.client_id === item.client_id;
          if (store.messages.some(is)) store.remove(item.client_id);
          else if (!store.pending.some(is) && (item.tab === tab || !item.names.length || Date.now() - item.at > 6e5)) {
            item.tab = tab;
            store.last = Math.max(store.last, item.at);
            store.pending.push(item);
            store.keep(item);
          }
        } catch {
          store.set(key);
        }
      store.pending.sort((a, b) => (a.client_id < b.client_id ? -1 : 1));
    },
    lost: (p) => p.names.length > 0 && !store.own[p.client_id],
    head: () => store.pending.find((p) => !p.error && (p.text || !store.lost(p))),
    remove(id) {
      store.pending = store.pending.filter((p) => p.client_id !== id);
      store.set("q:" + id);
    },
  };
  return store;
};
/** @type {W.MakeChat} */
const makeChat = (env, changed) => {
  const { base, visible, slow = 1 } = env, store = makeStore(env);
  /** @type {RequestInit} */
  const plain = { cache: "no-store", credentials: "omit" };
  /** @type {W.Chat} */
  const chat = {
    store, lang: "", token: "", who: "", mail: store.get("email"), identity: null, typing: { name: "", until: 0 }, calls: new Set(), online: false, up: false, on: false, busy: false,
    fails: 0, round: 0, heard: 0, notBefore: 0, readSent: 0, again: 0, timer: 0, wake() {},
    known: () => !!store.get("token") || store.queued().length > 0,
    api(method, path, body) {
      const form = body instanceof FormData, abort = new AbortController(), timer = setTimeout(() => abort.abort(), form ? 300000 : 20000);
      if (!form) chat.calls.add(abort);
      return env.fetch(`${base}/api/chat/${path}${path.includes("?") ? "&" : "?"}lang=${chat.lang}`, {
        ...plain, method, body: form ? body : body && JSON.stringify(body), signal: abort.signal,
        headers: { ...(body && !form && { "Content-Type": "application/json" }), ...(chat.token && { Authorization: "Bearer " + chat.token }) },
      }).then(async (res) => {
        if (!res.ok) throw fail(res.status, res.headers.get("Retry-After"), await res.json().catch(() => 0));
        return res.status === 204 ? null : res.json();
      }).catch((e) => {
        throw e.status ? e : fail(0);
      }).finally(() => {
        clearTimeout(timer);
        chat.calls.delete(abort);
      });
    },
    start: () => (chat.starting = chat.starting || chat.begin().finally(() => (chat.starting = undefined))),
    async begin() {
      const who = chat.identity?.id, known = store.get("who") || chat.who;
      if (who && known && who !== known) chat.forget(); // somebody else signed in here
      const had = store.get("token") || chat.token;
      const r = await chat.api("POST", "start", { token: had, identity: chat.identity || undefined }).catch((e) => {
        if (!chat.identity || e.status !== 403) throw e;
        console.warn(e.message);
        chat.identity = null; // a wrong hash: a stranger then
      });
      const saved = store.get("token");
      if (!r || (saved && saved !== had && saved !== r.token)) return chat.begin(); // another tab was first
      chat.token = r.token;
      chat.who = who || "";
      if (r.conversation) chat.save();
      else if (saved !== r.token) store.set("token");
      chat.stop();
      store.begin(r);
      store.restore();
      if (r.conversation) chat.open();
      chat.hello();
    },
    connect: () => (clearTimeout(chat.again), chat.start().catch(chat.renew)),
    renew() {
      chat.stop();
      clearTimeout(chat.again);
      chat.again = setTimeout(chat.connect, pure.backoff(chat.fails++) * slow);
      changed();
    },
    hello() {
      chat.kick();
      chat.sendEmail().catch(() => {});
    },
    save() {
      if (store.get("token") === chat.token) return;
      store.set("token", chat.token);
      store.set("who", chat.who);
    },
    forget() {
      chat.stop();
      chat.token = chat.who = chat.mail = "";
      for (const k of ["token", "who", "email", ...store.queued()]) store.set(k);
      store.pending = [];
      store.begin({ conversation: null, messages: [], more: false, seq: 0 });
    },
    identify(who) {
      chat.identity = who;
      if (!who && (chat.who || store.get("who"))) chat.forget();
      if (chat.token || (who && chat.known())) Promise.resolve(chat.starting).catch(() => {}).then(chat.connect);
      changed();
    },
    send(text, files, page) {
      store.enqueue(text, files, page);
      return chat.flush();
    },
    kick() {
      chat.fails = 0;
      return chat.flush();
    },
    async flush() {
      const early = chat.notBefore - Date.now();
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
          chat.pause(Math.max(p.wait, pure.backoff(chat.fails++)) * slow);
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
      const saved = store.get("token"), { lang } = chat, { client_id, text, page } = item, files = store.own[client_id] || [];
      if (!chat.token || (saved && saved !== chat.token)) await chat.start();
      if (!store.pending.includes(item)) return; // it had arrived after all
      chat.save(); // before it leaves: should the answer be lost, the repeat must come from the same visitor
      const form = new FormData(), fields = { client_id, text, lang, page_url: page.url, page_title: page.title };
      for (const [k, v] of Object.entries(fields)) form.append(k, v);
      for (const f of files) form.append("files", f, f.name);
      /** @type {W.Posted} */
      const r = await chat.api("POST", "messages", files.length ? form : { ...fields, page }).catch((e) => {
        if (e.status === 401) store.set("token", (chat.token = ""));
        throw e;
      });
      const old = store.conversation?.id, { id } = r.conversation;
      store.add([r.message], "aside");
      store.merge(r.conversation);
      if (old !== id) {
        store.set("c", id);
        chat.on = false;
      }
      chat.open();
      if (r.message.files.length < item.names.length) store.lines.push({ seq: r.message.seq, kind: "files_lost" });
      chat.sendEmail().catch(() => {});
    },
    leaveEmail(email) {
      store.set("email", (chat.mail = email));
      return chat.sendEmail();
    },
    async sendEmail() {
      const email = chat.mail, done = () => store.set("email", (chat.mail = ""));
      if (email && store.conversation) await chat.api("POST", "email", { email }).then((r) => (store.merge(r.conversation), done()), (e) => {
        if (!e.final) return;
        done();
        throw e;
      }).finally(changed);
    },
    event(name, d) {
      const c = store.conversation;
      if (name === "hello" || name === "presence") chat.online = d.online;
      if (name === "hello") store.merge(d.conversation);
      else if (name === "message") {
        store.add([d], "live");
        if (d.kind === "outgoing") chat.typing.until = 0;
        if (c) c.last_seq = Math.max(c.last_seq, d.seq);
      } else if (name === "reset") {
        const { round } = chat, same = (/** @type {() => void} */ f) => () => round === chat.round && f();
        store.gap = true;
        chat.pages().then(same(store.whole), () => setTimeout(same(() => chat.reconnect(true)), 3000 * slow));
      } else if (name === "read") store.seen(d.by, d.seq);
      else if (name === "conversation" && c?.id === d.id) store.merge(d);
      else if (name === "typing" && d.by !== "contact") {
        chat.typing = { name: d.name, until: d.on ? Date.now() + 6000 : 0 };
        setTimeout(changed, 6050);
      }
      changed();
    },
    async pages() {
      for (let r; !r || (r.more && r.messages.length); changed()) {
        r = await chat.api("GET", "messages?after=" + store.cursor);
        store.add(r.messages, "page");
        store.merge(r.conversation);
      }
    },
    async earlier() {
      const r = await chat.api("GET", "messages?before=" + store.messages[0].seq);
      store.more = r.more;
      store.add(r.messages, "aside");
    },
    read() {
      const seq = store.unread().at(-1)?.seq || 0;
      if (seq <= chat.readSent) return;
      chat.readSent = seq;
      chat.api("POST", "read", { seq }).then(() => store.seen("contact", seq), () => (chat.readSent = 0)).then(changed);
    },
    open() {
      if (chat.on) return;
      chat.on = true;
      chat.reconnect(true);
    },
    stop() {
      chat.on = false;
      chat.halt();
    },
    halt() {
      chat.round++;
      chat.abort?.abort();
      chat.abort = undefined;
      chat.wake();
    },
    reconnect(hard) {
      if (!chat.on || !visible() || (!hard && chat.up && chat.abort && Date.now() - chat.heard < 25000)) return;
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
        if ([401, 403, 404].includes(p?.status || 0)) return chat.renew();
        let until = Date.now() + Math.max(p?.wait || 0, pure.backoff(Math.max(tries, 0))) * slow;
        for (let ask = !!(tries > 0 || p?.status), left = 1; live() && left > 0; ) {
          if (ask) await chat.pages().then(() => live() && chat.state(true), (e) => {
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
      store.gap = false;
      let dog = setTimeout(() => abort.abort(), 15000);
      try {
        const res = await env.fetch(`${base}/api/stream?topic=conversation/${store.conversation?.id}&after=${store.cursor}`, { ...plain, headers: { Authorization: "Bearer " + chat.token }, signal: abort.signal });
        if (!res.ok || !res.body) throw fail(res.status, res.headers.get("Retry-After"));
        const reader = res.body.getReader(), text = new TextDecoder(), feed = pure.events((name, data) => {
          if (name === "hello") {
            healthy();
            chat.state(true);
            chat.hello();
          }
          chat.event(name, data);
        });
        for (let r; !(r = await reader.read()).done && round === chat.round; feed(text.decode(r.value, { stream: true }))) {
          clearTimeout(dog);
          dog = setTimeout(() => abort.abort(), 45000);
          chat.heard = Date.now();
        }
      } finally {
        clearTimeout(dog);
        abort.abort();
      }
    },
    state(up) {
      chat.up = up;
      changed();
    },
    shared(key, value) {
      if (value && ((key === env.prefix + "token" && value !== chat.token) || (key === env.prefix + "c" && value !== store.conversation?.id))) chat.connect();
    },
    awake(hard) {
      if (!visible()) return chat.halt();
      if (hard) for (const c of chat.calls) c.abort();
      chat.fails = 0;
      if (!chat.token) return void (chat.known() && chat.connect());
      chat.reconnect(hard);
      store.restore();
      chat.hello();
    },
  };
  return chat;
};
const hook = /** @type {any} */ (globalThis).__shohayTest;
if (hook) return void Object.assign(hook, pure, { makeStore, makeChat });
const CSS = `:host{all:initial;color-scheme:light dark;color:var(--ink);
font:15px/1.55 system-ui,"Noto Sans Bengali","Hind Siliguri","Nirmala UI",Vrinda,sans-serif}
*{box-sizing:border-box;margin:0}
[hidden],:empty:is(.tray,.err,.bar,.hits){display:none!important}
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
.launch{width:56px;height:56px;background:var(--a);color:var(--ai)}
.launch svg{width:26px;height:26px}
.launch i{position:absolute;top:-4px;right:-4px;min-width:22px;padding:0 6px;border-radius:11px;background:#c62839;color:#fff;font:600 13px/22px system-ui;text-align:center}
.panel{bottom:96px;width:384px;height:700px;max-height:calc(100vh - 120px);background:var(--panel);border-radius:20px;overflow:hidden;display:flex;flex-direction:column;animation:in .16s ease-out}
.short{height:auto;padding-bottom:24px}
.greet{position:fixed;z-index:2147483000;right:24px;bottom:92px;max-width:min(300px,calc(100vw - 32px));display:flex;align-items:flex-start;border-radius:16px;border-end-end-radius:5px;background:var(--panel);box-shadow:0 1px 2px #0001,0 8px 28px #0003;animation:in .16s ease-out}
.left .greet{border-radius:16px;border-end-start-radius:5px}
.greet:empty{box-shadow:none}
.greet .say{padding:12px 0 12px 16px;min-height:44px}
.greet .round{color:var(--faint)}
@keyframes in{from{opacity:0;transform:translateY(12px)}}
.head{display:flex;align-items:center;gap:12px;padding:14px 12px 14px 20px;background:var(--h);color:var(--hi)}
.head .round{margin:-4px}
.back{margin-inline-start:-12px!important}
.who{flex:1;min-width:0}
.who b{font-size:17px;line-height:1.4;display:block;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.sub{font-size:13px;line-height:1.45;display:block}
.dot::before{content:"";display:inline-block;width:8px;height:8px;border-radius:50%;background:#34c77b;margin-inline-end:6px}
.face{width:34px;height:34px;border-radius:50%;border:2px solid var(--h);display:grid;place-items:center;font-size:12px;font-weight:650;object-fit:cover;background:hsl(var(--n,160) 45% 88%);color:hsl(var(--n,160) 55% 26%)}
.face+.face{margin-inline-start:-20px;--n:25}
.home,.doc{scrollbar-width:thin;scrollbar-color:var(--faint) transparent}
.home{flex:1;overflow:auto}
.hero{background:var(--h);color:var(--hi);padding:22px 20px 56px;font-size:18px}
.hero b{font-size:28px;line-height:1.35;display:block}
.cards{display:grid;gap:12px;padding:0 16px 20px}
.find{position:relative;margin:-32px 16px 12px;border-radius:14px;background:var(--panel);border:1px solid var(--rule);box-shadow:0 2px 10px #0000000f}
.find input{width:100%;height:54px;padding:0 48px 0 46px;border-radius:14px}
.find>svg{position:absolute;left:15px;top:17px;color:var(--faint);pointer-events:none}
.find .round{position:absolute;right:4px;top:5px;color:var(--soft)}
.find[hidden]+.say+.hits+.cards{margin-top:-32px}
.home .say{padding:4px 20px 8px;font-size:13px;font-weight:600;color:var(--soft)}
.hits{padding:0 8px 12px}
.hit{display:flex;align-items:center;gap:8px;width:100%;min-height:44px;padding:8px 12px;border-radius:10px}
.card.past{display:block;padding:12px 8px}
.past b{padding:0 12px}
.hit:hover{background:var(--sunken)}
.hit span{flex:1;min-width:0}
.hit svg{color:var(--faint);width:16px}
.hit .sub{color:var(--soft);overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
mark{background:none;color:var(--at);font-weight:600}
.doc{flex:1;overflow:auto;overscroll-behavior:contain;padding:20px;overflow-wrap:anywhere}
.doc h1{font-size:22px;line-height:1.35;margin-bottom:12px}
.doc.talk{display:flex;flex-direction:column;gap:4px;padding:16px 16px 8px}
.text>*+*{margin-top:.8em}
.text h2{font-size:18px}
.text h3,.text h4{font-size:16px}
.text :is(h2,h3,h4){line-height:1.4;margin-top:1.3em}
.text :is(ul,ol){padding-inline-start:1.4em}
.text ol:lang(bn){list-style:bengali}
.text img{max-width:100%;height:auto;border-radius:10px}
.text a,.more{color:var(--at);text-decoration:underline;text-underline-offset:3px}
.text blockquote{padding:12px 16px;border-radius:10px;background:var(--as)}
.text pre,.wide{overflow:auto}
.text table{border-collapse:collapse;font-size:14px}
.text :is(td,th){padding:8px 10px;border:1px solid var(--rule);text-align:start;vertical-align:top}
.more{display:inline-block;padding:12px 0;font-size:14px}
.note{padding:8px 12px;border-radius:10px;background:var(--sunken);color:var(--soft);font-size:13px;margin-bottom:12px}
.ends{display:grid;gap:12px;padding:12px 16px max(16px,env(safe-area-inset-bottom));border-top:1px solid var(--rule)}
.ends .go{min-height:44px;text-align:center}
.card{background:var(--panel);border:1px solid var(--rule);border-radius:14px;padding:14px 16px;display:flex;align-items:center;gap:12px;text-decoration:none;min-height:72px;box-shadow:0 2px 10px #0000000f}
.card span{flex:1}
.card .sub{color:var(--soft)}
.card svg{color:var(--at)}
.bar{padding:7px 16px;font-size:13px;background:var(--sunken);color:var(--soft);text-align:center;animation:late 1s 3s backwards}
@keyframes late{0%,99%{max-height:0;padding:0}}
.log{flex:1;overflow:auto;overflow-anchor:none;overscroll-behavior:contain;padding:16px 16px 8px;display:flex;flex-direction:column;gap:4px}
.line{align-self:center;text-align:center;font-size:12px;color:var(--faint);padding:6px 12px}
.day::first-letter{text-transform:uppercase}
.hint{font-size:14px;color:var(--soft);max-width:300px;margin:auto;padding:12px;text-align:center}
.m{max-width:82%;align-self:flex-start;display:flex;flex-direction:column;align-items:flex-start;gap:4px;overflow-wrap:anywhere}
.me{align-self:flex-end;align-items:flex-end}
.end{margin-bottom:8px}
.b{padding:9px 14px;border-radius:18px;background:var(--sunken);white-space:pre-wrap}
.me .b{background:var(--a);color:var(--ai)}
.end .b{border-end-start-radius:5px}
.me.end .b{border-radius:18px;border-end-end-radius:5px}
.wait .b{outline:1px dashed var(--faint);outline-offset:2px}
.by{font-size:12px;color:var(--faint)}
.by svg{width:15px;height:15px;vertical-align:-3px}
.bad .by{color:var(--bad);font-weight:600;text-align:end}
.by button{text-decoration:underline;padding:12px 4px;margin:-12px 0 -12px 4px}
.pic{display:block;width:220px;max-width:100%;aspect-ratio:4/3;object-fit:cover;border-radius:14px;background:var(--sunken)}
.file{display:flex;gap:8px;align-items:center;border:1px solid var(--rule);border-radius:12px;padding:0 12px;font-size:14px;min-height:44px}
.typing{flex-direction:row;padding:14px}
.typing i{width:7px;height:7px;border-radius:50%;background:var(--faint);animation:t 1.2s infinite}
.typing i+i{animation-delay:.15s}
.typing i+i+i{animation-delay:.3s}
@keyframes t{50%{opacity:.3}}
.ask{display:flex;gap:8px;padding:12px;border-radius:14px;background:var(--as);flex-wrap:wrap;justify-content:space-between;font-size:14px}
.ask input{flex:1;min-width:0;height:44px;background:var(--panel);border:1px solid var(--rule);padding:0 12px}
.ask p{width:100%}
.go{padding:0 16px;font-weight:600;background:var(--a);color:var(--ai)}
.star{color:var(--at)}
.star svg{width:30px;height:30px}
[aria-pressed=true] svg{fill:currentColor}
.chips{display:flex;flex-wrap:wrap;gap:8px;justify-content:flex-end;margin:4px 0 8px}
.chip{min-height:44px;padding:8px 16px;border:1.5px solid var(--at);border-radius:22px;color:var(--at);font-weight:600;font-size:14px}
.chip:hover{background:var(--as)}
.err{color:var(--bad);font-size:13px;padding:8px 16px 0}
.pill{position:absolute;align-self:center;bottom:80px;border-radius:22px;padding:11px 18px;font-size:13px;box-shadow:0 2px 10px #0003}
.tray{display:flex;gap:8px;flex-wrap:wrap;padding:10px 12px}
.tray .file{padding-inline-end:0}
.row{display:flex;align-items:flex-end;padding:10px 12px max(10px,env(safe-area-inset-bottom)) 4px;color:var(--soft);border-top:1px solid var(--rule)}
.row textarea{flex:1;min-width:0;resize:none;background:var(--sunken);color:var(--ink);border-radius:22px;padding:10px 16px;max-height:130px;line-height:24px;margin-inline-end:10px;outline-offset:-2px}
.send{background:var(--a);color:var(--ai)}
.send:disabled{opacity:.5;cursor:default}
.drop{outline:2px dashed var(--at);outline-offset:-10px}
@media(max-width:480px){.panel{inset:0!important;width:auto;height:100dvh;max-height:none;border-radius:0}.launch{bottom:16px;right:16px}.greet{right:16px;bottom:84px}.left .greet{left:16px}.left .launch{left:16px}.panel:not([hidden])~.launch{display:none}}
@media(prefers-reduced-motion:reduce){*{animation:none!important}}`;
/** @type {Record<string, string[]>} */
const FIRST = { en: ["Chat with us", "Close", "Try again"], bn: ["চ্যাট করুন", "বন্ধ করুন", "আবার চেষ্টা করুন"] };
class Html extends String {}
/** @type {W.Tag} */
const html = (parts, ...put) => new Html(parts.map((s, i) => [put[i - 1]].flat().map((v) => (v instanceof Html ? v : v || v === 0 ? `${v}`.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`) : "")).join("") + s).join(""));
/** @type {Record<string, string>} */
const ICON = {
  find: "9 3a6 6 0 100 12 6 6 0 000-12zM13.500 13.500l4 4", chat: "3 4h14v10H9l-4 3v-3H3z", down: "5 8l5 5 5-5", x: "5 5l10 10M15 5L5 15", back: "12 4l-6 6 6 6", send: "10 16V4M5 9l5-5 5 5", go: "8 5l5 5-5 5", clip: "15 9l-5 5a3 3 0 01-5-4l6-6a2 2 0 013 3l-6 6",
  delivered: "4 10l4 4 8-9", read: "2 10l4 4 8-9M10 13l1 1 7-9", star: "10 2l2 6h6l-5 4 2 6-5-4-5 4 2-6-5-4h6z",
};
const icon = (/** @type {string} */ name) => html`<svg viewBox="0 0 20 20" aria-hidden="true"><path d="M${ICON[name]}"/></svg>`;
/** @type {(file: File) => Promise<File>} */
const shrink = async (file) => {
  try {
    if (file.size < 1e6 || !/jpeg|png|webp/.test(file.type)) return file;
    const pic = await createImageBitmap(file), k = Math.min(1, 2000 / Math.max(pic.width, pic.height)), c = Object.assign(document.createElement("canvas"), { width: pic.width * k, height: pic.height * k });
    c.getContext("2d")?.drawImage(pic, 0, 0, c.width, c.height);
    const blob = await new Promise((/** @type {BlobCallback} */ done) => c.toBlob(done, "image/jpeg", 0.85));
    return blob && blob.size < file.size ? new File([blob], file.name.replace(/\.\w+$/, ".jpg"), { type: blob.type }) : file;
  } catch {
    return file;
  }
};
/** @param {HTMLScriptElement} script */
const widget = (script) => {
  const doc = document, base = new URL(script.src).origin, attr = (/** @type {string} */ s) => script.getAttribute("data-" + s);
  const host = doc.body.appendChild(doc.createElement("div")), root = host.attachShadow({ mode: "open" }), coarse = matchMedia("(pointer:coarse)").matches;
  root.innerHTML = `${html`<div class="${attr("position")}"><div class="panel" role="dialog" hidden><div class="head"></div><div class="home"><div class="hero"></div>
<form class="find" data-do="look" role="search" hidden>${icon("find")}<input class="ask-help" enterkeyhint="search" autocomplete="off" maxlength="100" data-l="help_search"><button type="button" class="round wipe" data-do="wipe" data-l="help_clear" hidden>${icon("x")}</button></form>
<div class="say" role="status"></div><div class="hits"></div><div class="cards"></div></div><div class="doc" tabindex="0" hidden></div><div class="ends" hidden></div><div class="bar" role="status"></div>
<div class="log" role="log" tabindex="0" data-l="log"></div><button class="pill go" data-do="bottom"></button><div class="err" role="alert"></div><div class="tray"></div><div class="row">
<input class="pick" type="file" multiple hidden><button class="round" data-do="pick" data-l="attach">${icon("clip")}</button><textarea class="box" rows="1" data-l="write"></textarea><button class="round send" data-do="send" data-l="send">${icon("send")}</button></div></div>
<div class="greet" role="status"></div><button class="round launch" data-do="toggle"></button></div>`}`;
  const [panel, head, home, hero, find, field, wipe, say, hits, cards, paper, ends, bar, log, pill, err, tray, foot, pick, box, go, greet, launch] = "panel head home hero find ask-help wipe say hits cards doc ends bar log pill err tray row pick box send greet launch".split(" ").map((c) => /** @type {any} */ (root.querySelector("." + c)));
  let shelf = /** @type {Storage | null} */ (null), config = /** @type {W.Config | null} */ (null), staged = /** @type {File[]} */ ([]), shown = /** @type {Map<string, any>} */ (new Map());
  let view = "", error = "", fetched = 0, typed = 0, score = 0, tick = 0, busy = false, rated = false, asked = false, glue = true;
  let question = "", wait = 0, found = /** @type {W.Brief[] | null} */ (null), past = /** @type {W.Earlier[]} */ ([]), leaf = /** @type {Html} */ (html``), trouble = "", pastOf = "";
  let tab = Math.random().toString(36).slice(2);
  let met = "", where = "", spent = 0, clock = 0;
  const prefix = `shohay:${base}:`;
  try {
    shelf = localStorage;
    tab = sessionStorage.getItem(prefix) || tab;
    met = sessionStorage.getItem(prefix + "greeted") || "";
  } catch {}
  const chat = makeChat({ base, prefix, shelf, fetch: (u, o) => fetch(u, o), tab, visible: () => !doc.hidden }, () => ui.soon()), { store } = chat;
  /** @type {Record<string, (id: any) => void>} */
  const act = {
    toggle: () => (panel.hidden ? ui.open() : ui.close()),
    hush: () => (ui.hush(), launch.focus()),
    look: () => ui.look("&typing=0"),
    wipe() {
      field.value = "";
      ui.ask();
      field.focus();
    },
    read: (slug) => ui.leaf("article", "help/" + encodeURIComponent(slug), (a) => {
      const make = doc.createElement("template"), whole = new URL(a.url, base).href;
      make.innerHTML = a.html;
      for (const el of /** @type {NodeListOf<any>} */ (make.content.querySelectorAll("a,img"))) {
        if (el.tagName === "IMG") el.setAttribute("src", new URL(el.getAttribute("src"), base).href);
        else Object.entries({ href: new URL(el.getAttribute("href") || "", whole).href, target: "_blank", rel: "noopener" }).forEach(([k, v]) => el.setAttribute(k, v));
      }
      return html`<h1 lang="${a.language}">${a.title}</h1>${a.note && html`<p class="note">${a.note}</p>`}<div class="text" lang="${a.language}">${new Html(make.innerHTML)}</div>
<a class="more" target="_blank" rel="noopener" href="${whole}">${ui.t(a.film ? "help_film" : "help_whole")}</a>`;
    }),
    past: (id) => ui.leaf("past", "conversations/" + id, (r) => {
      let day = "";
      return html`${r.more && html`<div class="line">${ui.t("earlier_cut")}</div>`}${r.messages.map((/** @type {W.Message} */ m) => {
        const me = m.kind === "incoming", name = me ? ui.t("you") : m.author.kind === "bot" ? ui.bot(m.offer?.name) : m.author.name || config?.shop.name || "";
        return html`${day !== (day = new Date(m.created).toDateString()) && html`<div class="line day">${ui.day(m.created, { day: "numeric", month: "long", year: "numeric" })}</div>`}${ui.message(me, "end", name, m.text, m.files, m.offer?.article, (me ? "" : name + " · ") + ui.time(m.created))}`;
      })}<div class="line">${ui.t("earlier_end")}</div>`;
    }),
    pick: () => pick.click(),
    drop: (i) => (staged.splice(i, 1), ui.render()),
    remove: (id) => (store.remove(id), ui.render()),
    retry(id) {
      for (const p of store.pending) if (p.client_id === id) p.error = "";
      chat.kick();
    },
    star: (n) => ui.rate(+n),
    choose(label) {
      glue = true;
      chat.send(label, [], ui.page());
      box.focus();
    },
    comment() {
      rated = true;
      ui.rate(score, log.querySelector(".say").value);
    },
  };
  /** @type {W.Ui} */
  const ui = {
    t(key, v = {}) {
      let s = config?.strings[key] || "";
      if (typeof s === "object") s = s[new Intl.PluralRules(chat.lang).select(v.n)] || s.other;
      return s.replace(/{(\w+)}/g, (_, k) => (k === "n" ? ui.num(v.n) : v[k]));
    },
    num: (n, o) => new Intl.NumberFormat(chat.lang, o).format(n),
    size: (n) => ui.num(n / 1048576, { maximumSignificantDigits: 2 }) + " MB",
    time: (at) => new Date(at).toLocaleTimeString(chat.lang, { hour: "numeric", minute: "2-digit", hour12: chat.lang === "en" }),
    day(at, o) {
      const d = new Date(at), days = Math.round((new Date(at).setHours(12) - new Date().setHours(12)) / 864e5);
      return Math.abs(days) < 2 ? new Intl.RelativeTimeFormat(chat.lang, { numeric: "auto" }).format(days, "day") : d.toLocaleDateString(chat.lang, o);
    },
    language() {
      const lang = (attr("lang") || doc.documentElement.lang || navigator.language).slice(0, 2);
      if (lang === chat.lang) return;
      chat.lang = lang;
      if (config) ui.configure();
      if (question) ui.look("");
      ui.render();
    },
    tint() {
      const css = (/** @type {boolean} */ dark) => {
        const { accent, ink, text, soft } = pure.palette(attr("colour") || config?.shop.colour || "", dark);
        return `:host{--a:rgb(${accent});--ai:rgb(${ink});--at:rgb(${text});--as:rgb(${soft});${dark ? "--panel:#1a1b19;--sunken:#262825;--ink:#edece7;--soft:#a9a79f;--faint:#8f8d86;--rule:#2c2d2a;--bad:#f2808a;--h:var(--as);--hi:var(--ink)"
          : "--panel:#fff;--sunken:#f1efea;--ink:#1d1c1a;--soft:#5f5c56;--faint:#6f6c65;--rule:#e6e3dc;--bad:#b42332;--h:var(--a);--hi:var(--ai)"}}`;
      }, all = `${CSS}${css(false)}@media(prefers-color-scheme:dark){${css(true)}}`;
      try {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(all);
        root.adoptedStyleSheets = [sheet];
      } catch {
        root.append(Object.assign(doc.createElement("style"), { textContent: all }));
      }
    },
    open() {
      panel.hidden = false;
      ui.hush();
      if (view === "home" && (store.conversation || store.pending.length)) view = "chat";
      ui.configure();
      if (!chat.token) chat.connect();
      ui.go(view);
    },
    close() {
      panel.hidden = true;
      ui.render();
      launch.focus();
    },
    async configure() {
      if (config?.lang === chat.lang && Date.now() - fetched < 3e5) return;
      if (view === "fail") ui.go("");
      const c = await chat.api("GET", "config?page=" + encodeURIComponent(location.href.slice(0, 400))).catch(() => null);
      await chat.starting?.catch(() => {});
      if (c) {
        if (!c.enabled) return host.remove();
        if (!chat.up) chat.online = c.online;
        config = c;
        fetched = Date.now();
        ui.tint();
        panel.setAttribute("aria-label", ui.t("title", { shop: c.shop.name }));
        for (const el of root.querySelectorAll("[data-l]")) el.setAttribute("aria-label", ui.t(el.getAttribute("data-l") || ""));
        box.placeholder = ui.t("write");
        field.placeholder = ui.t("help_search");
        box.maxLength = c.limits.text;
        pick.accept = c.limits.types;
      }
      if (!view) ui.go(!config ? "fail" : store.conversation || store.pending.length ? "chat" : "home");
      ui.render();
    },
    go(to) {
      view = to;
      glue = true;
      ui.fit();
      ui.render();
      (to === "chat" ? (coarse ? log : box) : to === "home" && !coarse && !find.hidden ? field : ends.hidden ? cards.querySelector("button") || head.lastChild : paper).focus();
      if (to === "home" && store.conversation) chat.api("GET", "conversations").then((r) => ((past = r.conversations), (pastOf = chat.token), ui.render()), () => {});
    },
    ask() {
      question = field.value.trim();
      clearTimeout(wait);
      if (question) wait = setTimeout(ui.look, 250, "");
      else found = null;
      ui.render();
    },
    async look(how) {
      const q = question;
      clearTimeout(wait);
      if (!q) return;
      /** @type {any} */
      const r = await chat.api("GET", `help?q=${encodeURIComponent(q)}${how}`).catch((e) => e);
      if (q !== question) return;
      found = r.articles || [];
      trouble = r.articles ? "" : r.message || ui.t("failed");
      ui.render();
    },
    async leaf(to, path, draw) {
      leaf = html`<div class="typing"><i></i><i></i><i></i></div>`;
      ui.go(to);
      paper.scrollTop = 0;
      const mine = leaf, got = await chat.api("GET", path).then(draw, (e) => html`<p class="hint">${e.message || ui.t("failed")}</p>`);
      if (leaf !== mine || view !== to) return;
      leaf = got;
      ui.render();
      paper.scrollTop = to === "past" ? paper.scrollHeight : 0;
    },
    hush() {
      clearInterval(clock);
      ui.put(greet, html``);
      if (GREETING)
        try {
          sessionStorage.setItem(prefix + "greeted", "1");
        } catch {}
    },
    greet() {
      let path = location.pathname;
      try {
        path = decodeURI(path);
      } catch {}
      if (path !== where) spent = 0;
      where = path;
      if (doc.hidden || !pure.fits(GREETING.pages, path) || ++spent < GREETING.after) return;
      ui.hush();
      if (!panel.hidden || chat.known() || !host.isConnected) return;
      ui.put(greet, html`<button class="say" data-do="toggle">${GREETING.texts[chat.lang] || GREETING.texts.en}</button><button class="round" data-do="hush" aria-label="${(FIRST[chat.lang] || FIRST.en)[1]}">${icon("x")}</button>`);
    },
    key(e) {
      e.stopPropagation(); // the page has shortcuts of its own
      if (e.key === "Escape") ui.close();
      if (e.target === box && e.key === "Enter" && !e.shiftKey && !e.isComposing && !coarse) e.preventDefault(), ui.send();
      const all = [...panel.querySelectorAll("button,a,input,textarea,.log,.doc")].filter((x) => x.offsetParent && !x.disabled), [from, to] = e.shiftKey ? [0, -1] : [-1, 0];
      if (e.key === "Tab" && e.target === all.at(from)) e.preventDefault(), all.at(to).focus();
    },
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
      box.style.height = 0;
      box.style.height = box.scrollHeight + "px";
      go.disabled = !box.value.trim() && !staged.length;
    },
    async stage(files) {
      const { limits } = /** @type {W.Config} */ (config);
      error = "";
      for (const raw of [...files]) {
        const f = await shrink(raw), bad = pure.fileProblem(f, limits);
        if (bad) error = ui.t(bad, { name: f.name, limit: ui.size(limits.file_bytes) });
        else if (staged.length >= limits.files) error = ui.t("files_too_many", { n: limits.files });
        else staged.push(f);
      }
      ui.render();
      box.focus();
    },
    send() {
      const text = box.value.trim(), files = staged;
      if (!text && !files.length) return;
      if (log.querySelector(".email")?.value) ui.email();
      box.value = error = "";
      staged = [];
      typed = 0;
      glue = true;
      try {
        sessionStorage.setItem(prefix, tab);
      } catch {}
      chat.send(text, files, ui.page());
      ui.render();
      box.focus();
    },
    page: () => ({ url: location.href, title: doc.title }),
    email() {
      const el = log.querySelector(".email");
      error = el.value && el.checkValidity() ? "" : ui.t("email_bad");
      if (!error) chat.leaveEmail(el.value).catch((e) => ((error = e.message), ui.render()));
      ui.render();
    },
    rate(n, comment = "") {
      score = n;
      chat.api("POST", "rating", { score, comment }).then((r) => store.merge(r.conversation), (e) => {
        error = e.message || ui.t("not_sent");
        score = 0;
        rated = false;
      }).then(ui.render);
      ui.render();
    },
    soon: () => void (tick = tick || setTimeout(ui.render, 16)),
    put(el, content) {
      if (el.was !== `${content}`) el.innerHTML = el.was = `${content}`;
    },
    render() {
      clearTimeout(tick);
      tick = 0;
      if (view === "past" && pastOf !== chat.token) view = "home"; // somebody else sits here now
      const { t } = ui, c = config, n = store.unread().length, open = !panel.hidden, talk = view === "chat", words = FIRST[chat.lang] || FIRST.en, more = n > 0 && !open;
      ui.put(launch, html`${icon(open ? "down" : "chat")}${more && html`<i>${ui.num(n)}</i>`}`);
      launch.setAttribute("aria-label", words[open ? 1 : 0] + (more ? ` (${ui.num(n)})` : ""));
      launch.setAttribute("aria-expanded", open);
      host.lang = chat.lang;
      if (!open) return;
      const off = !!c && !c.office.open, deep = ["chat", "article", "past"].includes(view), near = view === "home" && !!c, at = off && c?.office.when, offered = c?.articles || [], list = near && offered.length ? found || offered : [];
      const here = !!c && chat.online && c.office.open, sub = c && html`<span class="sub ${here && "dot"}">${c.expectation || t(here ? "online" : "offline_team")}</span>`;
      ui.put(head, html`${deep && html`<button class="round back" data-do="go" data-id="home" aria-label="${t("back")}">${icon("back")}</button>`}
${c && (c.agents.length ? c.agents.slice(0, 3) : [{ name: c.shop.name, avatar: c.shop.logo }]).map(ui.face)}<div class="who"><b>${c?.shop.name}</b>${sub}</div>
<button class="round x" data-do="close" aria-label="${words[1]}">${icon("x")}</button>`);
      home.hidden = deep;
      paper.hidden = ends.hidden = !deep || talk;
      log.hidden = foot.hidden = !talk;
      panel.classList.toggle("short", !deep && !near);
      ui.put(hero, html`<b>${t("greeting") || "…"}</b>${at ? t("back_when", { when: at }) : t(off ? "back_later" : "greeting_sub")}`);
      find.hidden = !near || !offered.length;
      wipe.hidden = !field.value;
      ui.put(say, html`${!find.hidden && (found ? trouble || (found.length ? t("help_found", { n: found.length }) : t("help_none")) : t("help_popular"))}`);
      ui.put(hits, html`${list.map((a) => html`<button class="hit" data-do="read" data-id="${a.slug}"><span lang="${a.language}">${a.title}${a.snippet.length > 0 && html`<span class="sub">${a.snippet.map((p) => (p.mark ? html`<mark>${p.text}</mark>` : p.text))}</span>`}</span>${icon("go")}</button>`)}`);
      const old = past.filter((p) => pastOf === chat.token && p.id !== store.conversation?.id), begin = store.conversation ? "continue_chat" : off ? "leave_message_title" : "chat_with_us";
      ui.put(cards, html`${view === "fail" ? html`<button class="card" data-do="configure">${words[2]}</button>`
        : !c ? html`<div class="card typing"><i></i><i></i><i></i></div>`
        : html`<button class="card" data-do="go" data-id="chat"><span><b>${t(begin)}</b>${store.conversation ? html`<span class="sub">${store.messages.at(-1)?.text.replace(/\s*https?:\S+/g, "").slice(0, 60)}</span>` : sub}</span>${icon("go")}</button>
${old.length > 0 && html`<div class="card past"><b>${t("earlier")}</b>${old.map((p) => html`<button class="hit" data-do="past" data-id="${p.id}"><span>${p.last || t("earlier_file")}<span class="sub">${ui.day(p.at, { day: "numeric", month: "long", year: "numeric" })}${p.status === "solved" && " · " + t("earlier_solved")}</span></span>${icon("go")}</button>`)}</div>`}
${(store.conversation || old.length > 0) && html`<a class="card" target="_blank" href="${new URL("/requests?lang=" + chat.lang, base).href}"><span><b>${t("requests")}</b><span class="sub">${t("requests_hint")}</span></span>${icon("go")}</a>`}
<a class="card" target="_blank" href="${new URL(c.portal, base).href}"><span><b>${t("help_page")}</b><span class="sub">${t("help_page_hint")}</span></span>${icon("go")}</a>`}`);
      paper.classList.toggle("talk", view === "past");
      ui.put(paper, leaf);
      ui.put(ends, html`<button class="go" data-do="go" data-id="chat">${t(begin)}</button>`);
      ui.put(bar, html`${!navigator.onLine ? t("offline") : chat.on && !chat.up && t("reconnecting")}`);
      ui.put(err, html`${talk && error}`);
      ui.put(tray, html`${talk && staged.map((f, i) => html`<div class="file">${icon("clip")}${f.name}<button class="round" data-do="drop" data-id="${i}" aria-label="${t("remove_file", { name: f.name })}">${icon("x")}</button></div>`)}`);
      pill.hidden = !talk || glue || !n;
      if (!talk || !c) return;
      ui.list(ui.rows(here));
      if (glue) ui.bottom();
      ui.put(pill, html`${t("new_messages", { n })}`);
      if (glue && !doc.hidden) chat.read();
      ui.grow();
    },
    face: ({ name, avatar }) => (avatar ? html`<img class="face" alt="" src="${new URL(avatar, base).href}">` : html`<span class="face" aria-hidden="true">${name.match(/\P{M}\p{M}*/u)}</span>`),
    rows(here) {
      const { t } = ui, c = /** @type {W.Config} */ (config), conv = store.conversation, rows = /** @type {W.Row[]} */ ([]), all = store.messages, mine = all.filter((m) => m.kind === "incoming"), now = Date.now();
      let day = "";
      const line = (/** @type {string} */ key, /** @type {any} */ s, cls = "line") => rows.push([key, html`<div class="${cls}">${s}</div>`]);
      const dated = (/** @type {string | number} */ at) => day !== (day = new Date(at).toDateString()) && line(day, ui.day(at, { day: "numeric", month: "long" }), "line day");
      all.forEach((m, i) => {
        const next = all[i + 1], me = m.kind === "incoming", seen = conv && m.seq <= conv.staff_seen_seq ? "read" : "delivered", name = me ? t("you") : m.author.kind === "bot" ? ui.bot(m.offer?.name) : m.author.name || c.shop.name;
        const last = next ? next.author.id !== m.author.id || next.kind !== m.kind || Date.parse(next.created) - Date.parse(m.created) > 3e5 : !me || !store.pending.length;
        dated(m.created);
        rows.push([m.client_id || m.id, ui.message(me, last ? "end" : "", name, m.text, store.own[m.client_id] || m.files, m.offer?.article, last &&
          html`${!me && name + " · "}${ui.time(m.created)}${m === mine.at(-1) && html` · ${t(seen)} ${icon(seen)}`}`)]);
        store.lines.forEach((l, j) => l.seq >= m.seq && (!next || l.seq < next.seq) && line("l" + j, t(l.kind)));
      });
      for (const p of store.pending) {
        const id = p.client_id, dead = store.lost(p) && !p.text, bad = p.error || dead || ((p.tries || 0) > 1 && !p.sending), why = p.error?.trim() || (dead && t("files_lost"));
        dated(p.at);
        rows.push([id, ui.message(true, bad ? "end bad" : "end wait", t("you"), p.text, store.own[id] || [], undefined, bad
          ? html`${t("not_sent")}${why && ": " + why}${!dead && html`<button data-do="retry" data-id="${id}">${t("retry")}</button>`}${why && html`<button data-do="remove" data-id="${id}">${t("remove")}</button>`}`
          : t(!p.sending ? "waiting" : p.names.length ? "uploading" : "sending"))]);
      }
      const end = all.at(-1), hi = !rows.length && c.bot, chips = store.pending.length || conv?.status === "solved" ? [] : hi ? hi.choices : end?.offer?.choices || [];
      if (hi) hi.says.forEach((s, i) => rows.push(["hi" + i, ui.message(false, i > hi.says.length - 2 ? "end" : "", hi.name, s, [], undefined, i > hi.says.length - 2 && ui.bot(hi.name))]));
      if (chips.length) rows.push(["chips", html`<div class="chips">${chips.map((s) => html`<button class="chip" data-do="choose" data-id="${s}">${s}</button>`)}</div>`]);
      if (!rows.length && here) line("hint", t("empty"), "hint");
      const answered = mine[0] && all.some((m) => m.author.kind === "agent" && m.seq > mine[0].seq), email = chat.mail || conv?.email, wait = mine[0] ? Date.parse(mine[0].created) + 60000 - now : 1e9;
      if (wait > 0 && wait < 60001) setTimeout(ui.soon, wait);
      if (email) answered || line("mail", t("email_saved", { email }));
      else if (!chat.identity?.email && conv?.status !== "solved" && !answered && !(c.bot && (conv?.status !== "open" || (end?.kind === "incoming" && wait > 0))) && (!here || wait <= 0 || asked)) {
        const at = !c.office.open && c.office.when;
        asked = true;
        line("why", here ? t("email_ask") : at ? t("leave_message_until", { when: at }) : t("leave_message"), "hint");
        rows.push(["ask", html`<form class="ask" data-do="email" novalidate><input class="email" type="email" autocomplete="email" placeholder="${t("email_label")}" aria-label="${t("email_label")}"><button class="go">${t("email_save")}</button></form>`]);
      }
      if (conv?.status !== "solved") score = 0;
      else if (answered && (!conv.rating || score)) {
        rows.push(["rate", html`<div class="ask"><p role="status">${t(score ? "rate_thanks" : "rate_ask")}</p>${[1, 2, 3, 4, 5].map((n) =>
          html`<button class="round star" data-do="star" data-id="${n}" aria-label="${t("rate_" + n)}" aria-pressed="${score >= n ? "true" : "false"}">${icon("star")}</button>`)}</div>`]);
        if (score && !rated) rows.push(["say", html`<form class="ask" data-do="comment"><input class="say" maxlength="1000" placeholder="${t("rate_comment")}" aria-label="${t("rate_comment")}"><button class="go">${t("send")}</button></form>`]);
      }
      if (chat.typing.until > now) rows.push(["typing", html`<div class="m b typing" role="img" aria-label="${t("typing", chat.typing)}"><i></i><i></i><i></i></div>`]);
      return rows;
    },
    bot: (name) => (name ? name + " · " : "") + ui.t("bot"),
    message: (me, cls, name, text, files, article, by) => html`<div class="m ${me && "me"} ${cls}"><span class="vh">${name}: </span>${files.map((f) => {
      const href = new URL((f.url = f.url || URL.createObjectURL(f)), base).href, pic = f.image || f.lastModified && /^image/.test(f.type);
      return html`<a href="${href}" target="_blank" class="${!pic && "file"}">${pic ? html`<img class="pic" src="${href}" alt="${f.name}">` : html`${icon("clip")}${f.name} (${ui.size(f.size)})`}</a>`;
    })}${text && html`<div class="b">${pure.links(text).map((s, i) => (i % 2 ? html`<a href="${s === article?.url ? base + new URL(s).pathname : s}" target="_blank">${s === article?.url ? article.title : s}</a>` : s))}</div>`}${by && html`<div class="by">${by}</div>`}</div>`,
    list(rows) {
      const old = shown, make = doc.createElement("template");
      shown = new Map();
      for (const [key, content] of rows) {
        let el = old.get(key);
        if (el?.was !== `${content}`) {
          make.innerHTML = `${content}`;
          const fresh = /** @type {any} */ (make.content.firstElementChild);
          el?.replaceWith(fresh);
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
  const on = (/** @type {EventTarget | null} */ to, /** @type {string} */ names, /** @type {(e: any) => void} */ f) => names.split(" ").forEach((n) => to?.addEventListener(n, f, true));
  on(root, "click submit", (e) => {
    const el = e.target.closest("[data-do]");
    if (!el || (e.type === "click" && el.tagName === "FORM")) return;
    e.preventDefault();
    (act[el.dataset.do] || /** @type {any} */ (ui)[el.dataset.do])(el.dataset.id);
  });
  on(root, "change", ({ target }) => target.files && ui.stage(target.files).then(() => (target.value = "")));
  on(root, "error", ({ target }) => {
    target.parentNode.classList.add("file");
    target.replaceWith(target.alt);
  });
  on(panel, "keydown", ui.key);
  on(box, "input", ui.input);
  on(field, "input", ui.ask);
  on(box, "paste", (e) => e.clipboardData.files[0] && (e.preventDefault(), ui.stage(e.clipboardData.files)));
  on(panel, "dragover dragleave drop", (e) => {
    if (view !== "chat" || !e.dataTransfer.types.includes("Files")) return;
    e.preventDefault();
    panel.classList.toggle("drop", e.type === "dragover");
    if (e.type === "drop") ui.stage(e.dataTransfer.files);
  });
  on(log, "scroll", ui.scrolled);
  on(visualViewport, "resize scroll", ui.fit);
  on(doc, "visibilitychange", () => chat.awake(false));
  on(window, "online", () => chat.awake(true));
  on(window, "online offline visibilitychange", ui.soon);
  on(window, "storage", (e) => chat.shared(e.key, e.newValue));
  on(window, "pagehide", chat.halt);
  on(window, "pageshow", (e) => e.persisted && chat.awake(true));
  new MutationObserver(ui.language).observe(doc.documentElement, { attributeFilter: ["lang"] });
  chat.identity = pure.contact(attr("contact"));
  if (attr("contact") === "") chat.identify(null); // signed out
  ui.language();
  ui.tint();
  if (chat.known()) setTimeout(chat.connect, 1000);
  else if (GREETING && !met) clock = setInterval(ui.greet, 1000);
  /** @type {any} */ (window).Shohay = { open: ui.open, close: ui.close, identify: chat.identify };
  dispatchEvent(new Event("shohay:ready"));
};
const script = /** @type {HTMLScriptElement | null} */ (document.currentScript), boot = () => script && "Shohay" in window === false && widget(script);
document.body ? boot() : addEventListener("DOMContentLoaded", boot);
})();
