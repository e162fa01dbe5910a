// The chat widget, pb_public/widget.js: what it does and the shapes that it speaks of. They stand here because every byte of
// the widget goes to every visitor; its functions are in object literals of these types, so that their parameters need no types
// of their own there.
//
// On a page: <script src="https://desk.example/widget.js" data-lang="bn" data-colour="#006a4e" data-position="left" async></script>
//   data-lang      language; without it that of the page (<html lang>), which may change while the page lives
//   data-colour    colour of the shop (#rrggbb); without it the launcher has the house colour until the widget is opened
//   data-position  "left" or "right"
//   data-contact   a customer whom the shop has signed in: {id, name, email, phone, hash} as JSON or base64 of JSON, hash being
//                  the hex HMAC-SHA256 of id with the shop's key; present but empty: nobody is signed in any more
// When window has had the event "shohay:ready" there are Shohay.open(), Shohay.close() and Shohay.identify({…} or null).
//
// How a message flows: send puts it in the store's queue, and in localStorage; flush posts the queue in order, one at a time,
// under a client id, so that a repeat is no second message. Everything else comes by the stream, which only a tab that is seen
// has: phones freeze hidden ones, and a tab that is seen again asks for all after its cursor. Only the stream and the pages
// that close a gap move the cursor; the answer to a POST may be ahead of a message that is still missing. Nothing is stored
// before the first message, and nothing fetched before the widget is opened, unless an earlier visit left a conversation.
//
// A stream that is refused, or held back by a proxy, is replaced by asking for what is new as long as that works; the stream is
// tried again for ever. Retry-After binds the automatic and the impatient alike.
//
// Opened without a conversation it shows its home: the help centre's search with the most read articles, the way to the chat, and
// the conversations of before. An article is the help centre's own cleaned HTML; its links open outside.
//
// The greeting of the closed widget is put into the script by the server if the shop has switched it on, so that nothing is asked
// for it. It counts the seconds that a page which fits is seen, comes once in a visit (which sessionStorage remembers, the only thing
// kept before a first message, and only once it was shown), and not to those who have a conversation or opened the widget.
//
// What is drawn is escaped markup. A row of the conversation is built again only if its markup changed, so nothing that is
// typed or focused is lost. Words and limits come with the configuration that is fetched on opening.

declare namespace W {
  interface SentFile { name: string; url: string; size: number; type: string; image: boolean }
  interface Author { kind: "contact" | "agent" | "bot" | "system"; id: string; name: string; avatar: string }
  /** A message as the server tells it; seq orders all messages and is the cursor. */
  interface Message { id: string; seq: number; conversation: string; kind: "incoming" | "outgoing"; author: Author; text: string; files: SentFile[]; client_id: string; created: string; offer?: Offer }
  /** What the bot offers with a message: what may be pressed, and the article whose address stands in the text. */
  interface Offer { choices?: string[]; article?: { title: string; url: string }; name?: string }
  interface Conversation { id: string; number: number; status: string; last_seq: number; staff_seen_seq: number; contact_seen_seq: number; rating: number; email: string }
  /** The answer to /api/chat/start, without the token. */
  interface Begun { conversation: Conversation | null; messages: Message[]; more: boolean; seq: number }
  /** The answer to a POST of a message. */
  interface Posted { message: Message; conversation: Conversation; duplicate: boolean }
  interface Page { url: string; title: string }
  /** A message that the server has not confirmed. All but the last two fields survive a reload. */
  interface Pending {
    client_id: string; text: string; at: number; names: string[]; page: Page;
    /** Id of the tab that sends it. */
    tab: string;
    /** Why the server will never take it. */
    error?: string;
    tries?: number; sending?: boolean;
  }
  interface Identity { id?: string; name?: string; email?: string; phone?: string; hash?: string }
  /** An article in a list. */
  interface Brief { slug: string; title: string; language: string; snippet: { text: string; mark: boolean }[] }
  /** A conversation of before. */
  interface Earlier { id: string; status: string; last: string; files: number; mine: boolean; at: string }
  interface Limits { file_bytes: number; files: number; types: string[]; text: number }
  interface Config {
    shop: { name: string; logo: string; colour: string; languages: string[] }; enabled: boolean; lang: string; online: boolean; office: { open: boolean; next: string; when: string };
    expectation: string; agents: { name: string; avatar: string }[]; limits: Limits; strings: Record<string, string | Record<string, string>>; portal: string;
    /** The most read articles; none if there is nothing to read. */
    articles: Brief[];
    /** What the bot says to somebody who has not written yet. */
    bot: { name: string; says: string[]; choices: string[] } | null;
  }
  type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem">;
  interface Problem { status: number; message: string; wait: number; final: boolean }
  type Fail = (status: number, after?: string | null, body?: any) => Problem;

  /** What the logic needs from a browser. */
  interface Env {
    /** Origin of the desk, without a slash. */
    base: string;
    /** Begins every stored key and every lock. */
    prefix: string;
    shelf?: Shelf | null;
    fetch: (url: string, init?: RequestInit) => Promise<Response>;
    /** Id of the tab, the same after a reload. */
    tab: string;
    visible: () => boolean;
    /** Factor of all pauses; tests make it small. */
    slow?: number;
  }

  /** Functions without state. */
  interface Pure {
    /** "#006699" to three numbers; the house colour for anything else. */
    rgb(s: string): number[];
    /** Relative luminance + 0.05. */
    light(c: number[]): number;
    /** WCAG contrast ratio. */
    contrast(a: number[], b: number[]): number;
    /** Makes a colour darker or lighter until it stands out from a background. */
    against(c: number[], ground: number[], least: number): number[];
    /** All that is made of the shop's one colour, readable on our panel. */
    palette(colour: string, dark: boolean): { accent: number[]; ink: number[]; text: number[]; soft: number[] };
    /** Pause in ms after n failures: doubles up to half a minute, with jitter. */
    backoff(n: number): number;
    /** Reads server-sent events out of chunks. */
    events(on: (name: string, data: any) => void): (chunk: string) => void;
    /** data-contact. */
    contact(attribute: string | null): Identity | null;
    /** The key of the sentence why a file cannot go. A type that the browser does not know is left to the server. */
    fileProblem(f: { size: number; type: string }, limits: Limits): "" | "file_empty" | "file_too_big" | "file_type";
    /** Whether the path of a page is among those named; * stands for anything, none named is every page. */
    fits(pages: string[], path: string): boolean;
    /** Cuts a text; every second piece is a web address. */
    links(text: string): string[];
  }

  interface Store extends Begun {
    pending: Pending[];
    /** Lines of our own, each after message seq; kind is the key of its text. */
    lines: { seq: number; kind: string }[];
    /** Files by client id, as long as this page lives. */
    own: Record<string, File[]>;
    /** After "reset": live messages are ahead of a gap. */
    gap: boolean;
    /** All up to it has arrived. */
    cursor: number;
    ahead: number; last: number;
    get(key: string): string | null; set(key: string, value?: string | null): void; queued(): string[];
    begin(a: Begun): void; add(list: Message[], from: "live" | "page" | "aside"): void; whole(): void; merge(c: Conversation | null): void; seen(by: "staff" | "contact", seq: number): void;
    /** Answers that the visitor has not seen. */
    unread(): Message[];
    enqueue(text: string, files: File[], page: Page): void; keep(item: Pending): void;
    /** Takes over what is stored: of this tab before a reload, and of others. That two tabs send one text does no harm (the client id makes it one message, and each goes on only after the one before), but files get time to go. */
    restore(): void;
    /** The files went with the page that held them. */
    lost(p: Pending): boolean;
    /** The next to send. */
    head(): Pending | undefined; remove(id: string): void;
  }
  type MakeStore = (env: { shelf?: any; prefix: string; tab: string }) => Store;

  type MakeChat = (env: Env, changed: () => void) => Chat;
  /** The widget without its looks: token, queue, stream and the other tabs. */
  interface Chat {
    store: Store;
    lang: string; token: string; online: boolean; identity: Identity | null; typing: { name: string; until: number };
    /** The stream, or asking in its place, works. */
    up: boolean;
    /** A stream is wanted. */
    on: boolean;
    /** Address that the server does not have yet. */
    mail: string | null;
    busy: boolean; fails: number; round: number; heard: number; notBefore: number; readSent: number; who: string;
    calls: Set<AbortController>; starting?: Promise<void>; again: number; timer: number; abort?: AbortController;
    wake(): void;
    /** Whether an earlier visit left something to connect for. */
    known(): boolean;
    api(method: string, path: string, body?: object): Promise<any>;
    start(): Promise<void>; begin(): Promise<void>; connect(): Promise<void>; renew(): void; hello(): void; save(): void; forget(): void; identify(who: Identity | null): void;
    send(text: string, files: File[], page: Page): Promise<void>; kick(): Promise<void>; flush(): Promise<void>; pause(ms: number): void; post(item: Pending): Promise<void>;
    event(name: string, d: any): void;
    /** Fetches all that lies after the cursor. */
    pages(): Promise<void>;
    earlier(): Promise<void>; read(): void; leaveEmail(email: string): Promise<void>; sendEmail(): Promise<void>;
    /** Another tab stored something. */
    shared(key: string | null, value: string | null): void;
    open(): void; stop(): void; halt(): void; reconnect(hard?: boolean): void; loop(round: number): Promise<void>; stream(round: number, healthy: () => void): Promise<void>; state(up: boolean): void;
    /** The page is seen or hidden, the network is back, the phone woke up. hard: what was under way is dead. */
    awake(hard: boolean): void;
  }

  /** Escaped markup. */
  type Html = String;
  type Tag = (parts: TemplateStringsArray, ...put: any[]) => Html;
  /** A row of the conversation: its key and how it looks. */
  type Row = [key: string, content: Html];
  interface Ui {
    t(key: string, v?: Record<string, any>): string; num(n: number, o?: Intl.NumberFormatOptions): string; size(bytes: number): string;
    time(at: string | number): string; day(at: string | number, o: Intl.DateTimeFormatOptions): string;
    language(): void; tint(): void; open(): void; close(): void; configure(): Promise<void>; go(view: string): void; key(e: KeyboardEvent): void;
    /** Something is typed into the search. */
    ask(): void; look(how: string): Promise<void>;
    /** Opens an article or an earlier conversation. */
    leaf(to: string, path: string, draw: (answer: any) => Html): Promise<void>;
    /** A second passed on a page; the greeting goes away for good. */
    greet(): void; hush(): void;
    fit(): void; bottom(): void; scrolled(): Promise<void>; input(): void; grow(): void; stage(files: Iterable<File>): Promise<void>; send(): void; email(): void; rate(score: number, comment?: string): void;
    soon(): void; render(): void; put(el: any, content: Html): void; face(a: { name: string; avatar: string }): Html;
    /** here: somebody is online and the office is open. */
    rows(here: boolean): Row[];
    message(me: boolean, cls: string, name: string, text: string, files: any[], article: { title: string; url: string } | undefined, by: any): Html;
    /** What the bot is called, with the word that it is automatic. */
    bot(name?: string): string; page(): Page;
    list(rows: Row[]): void;
  }
}
