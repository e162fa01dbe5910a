// Shapes that pb_public/widget.js speaks of. They live here, because every byte of the widget is sent to every visitor:
// its functions stand in object literals of these types, so that their parameters need no types of their own there.

declare namespace W {
  interface SentFile { name: string; url: string; size: number; type: string; image: boolean }
  interface Author { kind: "contact" | "agent" | "bot" | "system"; id: string; name: string; avatar: string }
  /** A message as the server tells it; seq orders all messages and is the cursor. */
  interface Message { id: string; seq: number; conversation: string; kind: "incoming" | "outgoing"; author: Author; text: string; files: SentFile[]; client_id: string; created: string }
  interface Conversation { id: string; number: number; status: string; last_seq: number; staff_seen_seq: number; contact_seen_seq: number; rating: number; email: string }
  /** The answer to /api/chat/start. */
  interface Started { token: string; conversation: Conversation | null; messages: Message[]; more: boolean; seq: number }
  /** The answer to a POST of a message. */
  interface Posted { message: Message; conversation: Conversation; duplicate: boolean }
  interface Page { url: string; title: string }
  /** A message that the server has not confirmed. All but the last five fields survive a reload. */
  interface Pending {
    client_id: string; text: string; at: number; names: string[]; page: Page;
    /** Id of the tab that sends it. */
    tab: string;
    /** Why the server will never take it. */
    error?: string;
    files?: File[];
    /** The files went with the page that held them. */
    lost?: boolean;
    tries?: number; sending?: boolean; progress?: number;
  }
  interface Identity { id?: string; name?: string; email?: string; phone?: string; hash?: string }
  interface Limits { file_bytes: number; files: number; types: string[] }
  interface Config {
    shop: { name: string; logo: string; colour: string; languages: string[] }; lang: string; online: boolean; office: { open: boolean; next: string };
    expectation: string; agents: { name: string; avatar: string }[]; limits: Limits; strings: Record<string, string | Record<string, string>>; portal: string;
  }
  type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem">;
  interface Problem extends Error { status: number; wait: number; final: boolean }

  /** What the logic needs from a browser. */
  interface Env {
    /** Origin of the desk, without a slash. */
    base: string;
    /** Begins every stored key and every lock. */
    prefix: string;
    shelf?: Shelf | null;
    fetch: (url: string, init?: RequestInit) => Promise<Response>;
    /** Posts a form and tells its progress from 0 to 1. */
    upload?: (url: string, token: string, form: FormData, progress: (part: number) => void) => Promise<any>;
    locks?: LockManager;
    Channel?: typeof BroadcastChannel;
    visible: () => boolean;
    /** Factor of all pauses; tests make it small. */
    slow?: number;
  }

  /** Functions without state. */
  interface Pure {
    /** "#069" or "#006699" to three numbers. */
    rgb(s: string): number[] | null;
    /** Relative luminance + 0.05. */
    light(c: number[]): number;
    /** WCAG contrast ratio. */
    contrast(a: number[], b: number[]): number;
    mix(a: number[], b: number[], part: number): number[];
    /** Mixes a colour into another until it stands out from a background. */
    against(c: number[], ground: number[], into: number[], least: number): number[];
    palette(colour: string, dark: boolean): { accent: number[]; ink: number[]; text: number[]; soft: number[] };
    backoff(n: number): number;
    events(on: (name: string, data: any) => void): (chunk: string) => void;
    contact(attribute: string | null): Identity | null;
    fileProblem(f: { size: number; type: string }, limits: Limits): "" | "file_empty" | "file_too_big" | "file_type";
    links(text: string): string[];
  }

  interface Store {
    pending: Pending[]; messages: Message[]; conversation: Conversation | null; lines: { seq: number; kind: string }[]; more: boolean; gap: boolean; cursor: number;
    unread(): Message[]; merge(c: Conversation | null): void; remove(id: string): void;
  }

  type MakeChat = (env: Env, changed: () => void) => Chat;
  /** The widget without its looks: token, queue, stream and the other tabs. */
  interface Chat {
    store: Store;
    lang: string; token: string; online: boolean; identity: Identity | null; typing: { name: string; until: number };
    /** The stream, or the tab that has it, is alive. */
    up: boolean;
    /** A stream is wanted. */
    on: boolean;
    /** Address that the server does not have yet. */
    mail: string | null;
    busy: boolean; queued: boolean; fails: number; round: number; heard: number; notBefore: number; readSent: number; who: string;
    calls: Set<AbortController>; starting?: Promise<void>; filling?: Promise<void>; again: number; timer: number; guard: number; abort?: AbortController;
    /** Gives the lead away; there when this tab leads. */
    leader?: () => void;
    leave(): void; wake(): void; known(): boolean; present(): void; adopt(): Promise<void>;
    api(method: string, path: string, body?: object): Promise<any>;
    start(): Promise<void>; begin(): Promise<void>; connect(): Promise<void>; renew(): void; hello(): void; save(): void; forget(): void; identify(who: Identity | null): void;
    send(text: string, files: File[], page: Page): Promise<void>; kick(): Promise<void>; flush(): Promise<void>; pause(ms: number): void; post(item: Pending): Promise<void>; take(r: Posted): void;
    event(name: string, d: any, own: boolean): void; fill(): Promise<void>; pages(): Promise<void>; earlier(): Promise<void>; read(): void; leaveEmail(email: string): Promise<void>; sendEmail(): Promise<void>;
    tell(kind: string, data?: any): void; heardOf(news: [string, any]): void;
    open(): void; stop(): void; lead(steal: boolean): void; halt(): void; reconnect(hard?: boolean): void; loop(round: number): Promise<void>; stream(round: number, healthy: () => void): Promise<void>; state(up: boolean): void;
    awake(hard: boolean): void; asleep(): void; back(): void;
  }

  /** Escaped markup. */
  type Html = String;
  type Tag = (parts: TemplateStringsArray, ...put: any[]) => Html;
  /** A row of the conversation: its key and how it looks. */
  type Row = [key: string, content: Html];
  interface Ui {
    t(key: string, v?: Record<string, any>): string; num(n: number, o?: Intl.NumberFormatOptions): string; size(bytes: number): string;
    date(at: string | number, o: Intl.DateTimeFormatOptions): string; time(at: string | number): string; day(at: string | number, o: Intl.DateTimeFormatOptions): string;
    language(): void; tint(): void; open(focus?: boolean): void; close(): void; configure(): Promise<void>; go(view: string): void; focus(): void; key(e: KeyboardEvent): void;
    fit(): void; bottom(): void; scrolled(): Promise<void>; input(): void; grow(): void; stage(files: Iterable<File>): Promise<void>; send(): void; saveEmail(): void; rate(score: number, comment?: string): void;
    soon(ms?: number): void; render(): void; put(el: any, content: Html): void; face(a: { name: string; avatar: string }): Html; blob(f: File): string;
    /** here: somebody is online and the office is open. */
    rows(here: boolean): Row[];
    /** own: the files as this page holds them. */
    message(me: boolean, cls: string, name: string, text: string, files: (SentFile | File)[], by: Html | false, own?: File[]): Html;
    list(rows: Row[]): void;
  }
}
