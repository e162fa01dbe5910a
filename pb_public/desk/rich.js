/**
 * Formatted text as data: what a message may have besides words. A document is read from HTML, ours or pasted, and written
 * as HTML for the server, as markup for the page, as lines for the composer and as plain text; the server reads it the same way.
 */
import { Html } from "../shared/html.js";

/**
 * @typedef {{text?: string, b?: boolean, i?: boolean, c?: boolean, href?: string, img?: string, br?: boolean}} Span
 * @typedef {{kind: "p" | "pre" | "ul" | "ol" | "quote", spans?: Span[], items?: Block[][], inner?: Block[]}} Block
 * @typedef {{nodeType: number, nodeName: string, nodeValue: string | null, childNodes: Iterable<Node_>, getAttribute?: (name: string) => string | null}} Node_
 */

const MOST_DEEP = 40;
const SILENT = /^(SCRIPT|STYLE|HEAD|TITLE|TEMPLATE|NOSCRIPT|IFRAME|OBJECT|EMBED|SVG|MATH|SELECT|TEXTAREA|BUTTON|AUDIO|VIDEO|CANVAS|META|LINK)$/;
/** Elements that part paragraphs; a DIV only begins a line. */
const PARTS = /^(P|H[1-6]|TABLE|SECTION|ARTICLE|HEADER|FOOTER|MAIN|ASIDE|NAV|FIGURE|ADDRESS|DL|HR|FORM|DETAILS|FIELDSET)$/;
const LINES = /^(DIV|TR|DT|DD|FIGCAPTION|SUMMARY|CENTER|LI)$/;

/** By which name a picture stands in a text that is being written. @type {WeakMap<File, string>} */
export const cids = new WeakMap();

/** An address that may be followed, "" for anything else. @param {string} href */
export function linkOf(href) {
  const url = href.trim();
  if (url.length > 2000 || /[\u0000-\u0020"<>\\]/.test(url)) return "";
  return /^https?:\/\/[^/@?#]+([/?#]|$)/i.test(url) || /^(mailto|tel):[^/]/i.test(url) ? url : "";
}

/** What somebody types for a link: with or without its scheme. @param {string} typed */
export function linkTyped(typed) {
  const text = typed.trim();
  if (/^[^\s@/]+@[^\s@/]+\.[^\s@/]+$/.test(text)) return linkOf(`mailto:${text}`);
  if (/^\+?[\d\s-]{6,20}$/.test(text)) return linkOf(`tel:${text.replace(/[\s-]/g, "")}`);
  return linkOf(/^[a-z]+:/i.test(text) ? text : /^[^\s/]+\.[^\s/]+/.test(text) ? `https://${text}` : "");
}

const ENTITIES = /** @type {Record<string, string>} */ ({ amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" });

/** @param {string} text */
function decode(text) {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{2,6}));/gi, (whole, dec, hex, name) => {
    if (name) return ENTITIES[name.toLowerCase()] ?? whole;
    const code = dec ? Number(dec) : parseInt(hex, 16);
    return code > 0 && code < 0x110000 ? String.fromCodePoint(code) : "";
  });
}

/**
 * Reads the HTML that our server wrote. Anything else only comes out as text: nothing here ever becomes an element.
 * @param {string} source @returns {Block[]}
 */
export function parse(source) {
  /** @typedef {{nodeType: number, nodeName: string, nodeValue: string | null, childNodes: any[], attrs: Record<string, string>, getAttribute: (name: string) => string | null}} Made */
  /** @param {string} name @param {Record<string, string>} attrs @returns {Made} */
  const element = (name, attrs) => ({ nodeType: 1, nodeName: name.toUpperCase(), nodeValue: null, childNodes: [], attrs, getAttribute: (key) => attrs[key] ?? null });
  const root = element("div", {});
  const stack = [root];
  /** @type {RegExpExecArray[]} */
  const tokens = [...source.matchAll(/<(\/?)([a-z][a-z0-9]*)((?:"[^"]*"|'[^']*'|[^>"'])*)>|([^<]+|<)/gi)];
  for (const [, close, name, rest, text] of tokens) {
    const top = stack[stack.length - 1];
    if (text !== undefined) {
      top.childNodes.push({ nodeType: 3, nodeName: "#text", nodeValue: decode(text), childNodes: [] });
    } else if (close) {
      const at = stack.map((open) => open.nodeName).lastIndexOf(name.toUpperCase());
      if (at > 0) stack.length = at;
    } else {
      /** @type {Record<string, string>} */
      const attrs = {};
      for (const [, key, double, single] of rest.matchAll(/([a-z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/gi)) attrs[key.toLowerCase()] = decode(double ?? single ?? "");
      const made = element(name, attrs);
      top.childNodes.push(made);
      if (!/^(br|img|hr)$/i.test(name)) stack.push(made);
    }
  }
  return read(root);
}

/** The blocks of one level, being collected. */
class Builder {
  /** @type {Block[]} */
  blocks = [];
  /** @type {Span[]} */
  line = [];

  /** The line is over; a paragraph goes on. */
  endLine() {
    if (this.line.length) this.line.push({ br: true });
  }

  /** The paragraph is over. */
  end() {
    const spans = tidy(this.line);
    if (spans.length) this.blocks.push({ kind: "p", spans });
    this.line = [];
  }

  done() {
    this.end();
    return this.blocks;
  }
}

/** @param {Span} a @param {Span} b */
const alike = (a, b) => !a.br && !b.br && !a.img && !b.img && !a.b === !b.b && !a.i === !b.i && !a.c === !b.c && (a.href ?? "") === (b.href ?? "");
/** @param {Span} span */
const hollow = (span) => span.br || (!span.img && !(span.text ?? "").replace(/[ \u00a0]/g, ""));

/** A paragraph's runs as they are shown: empty lines at its ends go, runs in one manner are one. @param {Span[]} line */
function tidy(line) {
  /** @type {Span[]} */
  const out = [];
  let space = true;
  const chop = () => {
    for (let last = out[out.length - 1]; last && !last.br && !last.img; last = out[out.length - 1]) {
      last.text = (last.text ?? "").replace(/ +$/, "");
      if (last.text) return;
      out.pop();
    }
  };
  for (const span of line) {
    if (span.br) {
      chop();
      space = true;
    } else if (span.img) {
      space = false;
    } else {
      /** @type {string} */
      const text = space ? (span.text ?? "").replace(/^ +/, "") : (span.text ?? "");
      if (!text) continue;
      space = text.endsWith(" ");
      const last = out[out.length - 1];
      if (last && alike(last, span)) last.text += text;
      else out.push({ ...span, text });
      continue;
    }
    out.push({ ...span });
  }
  chop();
  while (out.length && hollow(out[0])) out.shift();
  while (out.length && hollow(out[out.length - 1])) out.pop();
  return out;
}

/** Reads the children of an element, of the page or of parse(). @param {Node_} root @param {(cid: Node_) => string} [picture] the id of a picture of the composer */
export function read(root, picture = () => "") {
  const builder = new Builder();
  for (const child of root.childNodes) walk(child, builder, {}, 0, false, picture);
  return builder.done();
}

/** @param {Node_} node @param {Builder} b @param {Span} style @param {number} depth @param {boolean} keep @param {(node: Node_) => string} picture */
function walk(node, b, style, depth, keep, picture) {
  if (node.nodeType === 3) {
    const raw = (node.nodeValue ?? "").replace(/[\u0000-\u0008\u000b-\u001f\u007f\u200b\u202a-\u202e\u2066-\u2069\ufeff]/g, "");
    if (keep) raw.split("\n").forEach((text, i) => b.line.push(...(i ? [{ br: true }] : []), { ...style, text }));
    else if (raw) b.line.push({ ...style, text: raw.replace(/[ \n\t\r\f]+/g, " ") });
    return;
  }
  if (node.nodeType !== 1 || SILENT.test(node.nodeName) || depth > 400) return;
  const attr = (/** @type {string} */ name) => node.getAttribute?.(name) ?? "";
  const inside = (/** @type {Builder} */ into, /** @type {Span} */ manner, spaces = keep) => {
    for (const child of node.childNodes) walk(child, into, manner, depth + 1, spaces, picture);
  };
  /** @type {(into: Builder) => Block[]} */
  const level = (outer) => {
    if (depth > MOST_DEEP) {
      inside(outer, {});
      return [];
    }
    const own = new Builder();
    inside(own, {}, false);
    return own.done();
  };
  const css = attr("style");
  switch (node.nodeName) {
    case "BR":
      return void b.line.push({ br: true });
    case "IMG": {
      const id = picture(node) || (/^cid:([A-Za-z0-9][\w.@-]{0,79})$/.exec(attr("src"))?.[1] ?? "");
      if (id) b.line.push({ img: id, text: attr("alt").replace(/\s+/g, " ").trim() });
      return;
    }
    case "B":
    case "STRONG":
      return inside(b, { ...style, b: style.b || !/font-weight\s*:\s*(normal|lighter|[1-4]00)/i.test(css) });
    case "I":
    case "EM":
      return inside(b, { ...style, i: style.i || !/font-style\s*:\s*normal/i.test(css) });
    case "CODE":
    case "KBD":
    case "SAMP":
    case "TT":
      return inside(b, { ...style, c: true });
    case "SPAN":
    case "FONT":
      return inside(b, { ...style, b: style.b || /font-weight\s*:\s*(bold|bolder|[6-9]00)/i.test(css), i: style.i || /font-style\s*:\s*(italic|oblique)/i.test(css) });
    case "A":
      return inside(b, { ...style, href: style.href || linkOf(attr("href")) });
    case "UL":
    case "OL": {
      b.end();
      /** @type {Block} */
      const list = { kind: node.nodeName === "UL" ? "ul" : "ol", items: [] };
      for (const child of node.childNodes) {
        const own = new Builder();
        if (child.nodeName === "LI" && depth <= MOST_DEEP) for (const inner of child.childNodes) walk(inner, own, {}, depth + 2, false, picture);
        else walk(child, own, {}, depth + 2, false, picture);
        const blocks = own.done();
        const last = list.items?.[list.items.length - 1];
        if (/^[UO]L$/.test(child.nodeName) && last) last.push(...blocks);
        else if (blocks.length) list.items?.push(blocks);
      }
      if (list.items?.length) b.blocks.push(list);
      return;
    }
    case "BLOCKQUOTE": {
      b.end();
      const inner = level(b);
      if (inner.length) b.blocks.push({ kind: "quote", inner });
      return;
    }
    case "PRE": {
      b.end();
      const own = new Builder();
      inside(own, {}, true);
      const spans = own.line;
      while (spans.length && hollow(spans[0])) spans.shift();
      while (spans.length && hollow(spans[spans.length - 1])) spans.pop();
      if (own.blocks.length === 0 && spans.length) b.blocks.push({ kind: "pre", spans: spans.filter((span) => !span.img).map((span) => (span.br ? span : { text: span.text })) });
      else b.blocks.push(...own.done());
      return;
    }
    case "TD":
    case "TH":
      inside(b, style);
      return void b.line.push({ text: " " });
  }
  if (PARTS.test(node.nodeName)) {
    b.end();
    inside(b, /^H[1-6]$/.test(node.nodeName) ? { ...style, b: true } : style);
    return b.end();
  }
  if (!LINES.test(node.nodeName)) return inside(b, style);
  // A DIV is a line; an empty one parts paragraphs.
  const last = b.line[b.line.length - 1];
  if (last && !last.br) b.endLine();
  const before = b.line.length;
  const blocks = b.blocks.length;
  inside(b, style);
  if (b.blocks.length === blocks && b.line.slice(before).every(hollow)) {
    b.line.length = before;
    return b.end();
  }
  const now = b.line[b.line.length - 1];
  if (now && !now.br) b.endLine();
}

/** @param {string} text */
const safe = (text) => text.replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;" })[c] ?? c).replaceAll("\u00a0", "&nbsp;");

/**
 * @param {Span[]} spans @param {(id: string, name: string) => string} image @param {string} link what stands in the tag of a link besides its address
 */
function spansHtml(spans, image, link) {
  return spans
    .map((span) => {
      if (span.br) return "<br>";
      let inner = span.img ? image(span.img, span.text ?? "") : safe(span.text ?? "");
      if (span.c) inner = `<code>${inner}</code>`;
      if (span.i) inner = `<em>${inner}</em>`;
      if (span.b) inner = `<strong>${inner}</strong>`;
      return span.href ? `<a href="${safe(span.href)}"${link}>${inner}</a>` : inner;
    })
    .join("");
}

const CID = (/** @type {string} */ id, /** @type {string} */ name) => `<img src="cid:${id}" alt="${safe(name)}">`;

/** As the server keeps it. @param {Block[]} doc @param {(id: string, name: string) => string} [image] @param {string} [link] @returns {string} */
export function toHtml(doc, image = CID, link = "") {
  return doc
    .map((block) => {
      if (block.kind === "p") return `<p>${spansHtml(block.spans ?? [], image, link)}</p>`;
      if (block.kind === "pre") return `<pre>${(block.spans ?? []).map((span) => (span.br ? "\n" : safe(span.text ?? ""))).join("")}</pre>`;
      if (block.kind === "quote") return `<blockquote>${toHtml(block.inner ?? [], image, link)}</blockquote>`;
      const items = (block.items ?? []).map((item) => `<li>${item[0].kind === "p" ? spansHtml(item[0].spans ?? [], image, link) + toHtml(item.slice(1), image, link) : toHtml(item, image, link)}</li>`);
      return `<${block.kind}>${items.join("")}</${block.kind}>`;
    })
    .join("");
}

/** For the page. Pictures are found among the message's files. @param {string} source @param {import("../shared/types.js").FileInfo[]} files */
export function richMarkup(source, files) {
  const image = (/** @type {string} */ id, /** @type {string} */ name) => {
    const file = files.find((other) => other.cid === id && other.image);
    return file ? `<button class="rich-shot" type="button" data-act="picture" data-url="${safe(file.url)}"><img src="${safe(file.url)}" alt="${safe(name || file.name)}" loading="lazy"${file.width ? ` width="${file.width}" height="${file.height}"` : ""}></button>` : `<span class="rich-gone">[${safe(name)}]</span>`;
  };
  return new Html(toHtml(parse(source), image, ' target="_blank" rel="noopener noreferrer nofollow"'));
}

/** For the composer: a DIV a line. @param {Block[]} doc @returns {string} */
export function toLines(doc) {
  const image = (/** @type {string} */ id, /** @type {string} */ name) => `<img data-cid="${id}" alt="${safe(name)}">`;
  /** @type {(blocks: Block[], item: boolean) => string} */
  const write = (blocks, item) =>
    blocks
      .map((block, i) => {
        const gap = i > 0 && block.kind === "p" && blocks[i - 1].kind === "p" ? "<div><br></div>" : "";
        if (block.kind === "p" || block.kind === "pre") {
          /** @type {Span[][]} */
          const lines = [[]];
          for (const span of block.spans ?? []) {
            if (span.br) lines.push([]);
            else lines[lines.length - 1].push(block.kind === "pre" ? { text: (span.text ?? "").replaceAll(" ", "\u00a0") } : span);
          }
          if (item && i === 0 && lines.length === 1) return spansHtml(lines[0], image, "");
          return gap + lines.map((line) => `<div>${spansHtml(line, image, "") || "<br>"}</div>`).join("");
        }
        if (block.kind === "quote") return `<blockquote>${write(block.inner ?? [], false)}</blockquote>`;
        return `<${block.kind}>${(block.items ?? []).map((inner) => `<li>${write(inner, true)}</li>`).join("")}</${block.kind}>`;
      })
      .join("");
  return write(doc, false);
}

/** @param {Span[]} spans */
function spanLines(spans) {
  const lines = [""];
  spans.forEach((span, i) => {
    const at = lines.length - 1;
    if (span.br) {
      lines[at] = lines[at].replace(/ +$/, "");
      lines.push("");
      return;
    }
    if (span.img) {
      if (span.text) lines[at] += `[${span.text}]`;
      return;
    }
    lines[at] += (span.text ?? "").replaceAll("\u00a0", " ");
    const { href } = span;
    if (!href || spans[i + 1]?.href === href) return;
    let words = "";
    for (let j = i; j >= 0 && spans[j].href === href; j--) words = (spans[j].text ?? "") + words;
    const bare = (/** @type {string} */ s) => s.trim().toLowerCase().replace(/^(https:\/\/|http:\/\/|mailto:|tel:)/, "").replace(/\/$/, "");
    if (bare(words) !== bare(href)) lines[at] += ` (${href.replace(/^(mailto|tel):/i, "")})`;
  });
  lines[lines.length - 1] = lines[lines.length - 1].replace(/ +$/, "");
  return lines;
}

/** @param {Block[]} doc @returns {string[]} */
function textLines(doc) {
  return doc.flatMap((block, i) => {
    const lines = i > 0 ? [""] : [];
    if (block.kind === "p" || block.kind === "pre") lines.push(...spanLines(block.spans ?? []));
    else if (block.kind === "quote") lines.push(...textLines(block.inner ?? []).map((line) => `> ${line}`.trimEnd()));
    else
      (block.items ?? []).forEach((item, n) => {
        const mark = block.kind === "ul" ? "- " : `${n + 1}. `;
        const sub = item.length > 1 && item[0].kind === "p" && /^[uo]l$/.test(item[1].kind) ? [...textLines(item.slice(0, 1)), ...textLines(item.slice(1))] : textLines(item);
        lines.push(...sub.map((line, j) => (j === 0 ? mark + line : line && " ".repeat(mark.length) + line)));
      });
    return lines;
  });
}

/** What a reader without formatting sees; of pictures alone, nothing. @param {Block[]} doc */
export function toText(doc) {
  const says = (/** @type {Block} */ block) => (block.spans ?? []).some((span) => !span.img && !span.br) || (block.items ?? []).flat().some(says) || (block.inner ?? []).some(says);
  return doc.some((block) => says(block)) ? textLines(doc).join("\n") : "";
}

/** Whether a document needs more than text. @param {Block[]} doc */
export function isPlain(doc) {
  return doc.every((block) => block.kind === "p" && (block.spans ?? []).every((span) => !span.b && !span.i && !span.c && !span.img && (!span.href || span.href === span.text)));
}

/** The ids of the pictures that stand in a document. @param {Block[]} doc @returns {string[]} */
export function pictures(doc) {
  return doc.flatMap((block) => [...(block.spans ?? []).flatMap((span) => span.img ?? []), ...(block.items ?? []).flatMap(pictures), ...pictures(block.inner ?? [])]);
}

/** Reads plain text: empty lines part paragraphs, "- " and "1. " begin items, "> " quotes. @param {string} text @returns {Block[]} */
export function fromText(text) {
  /** @type {Block[]} */
  const doc = [];
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  /** @type {(pattern: (line: string, n: number) => boolean, from: number) => number} */
  const run = (pattern, from) => {
    let to = from;
    while (to < lines.length && pattern(lines[to], to - from)) to++;
    return to;
  };
  for (let i = 0; i < lines.length; ) {
    if (!lines[i].trim()) {
      i++;
      continue;
    }
    for (const [kind, pattern] of /** @type {[Block["kind"], (line: string, n: number) => boolean][]} */ ([
      ["ul", (line) => /^- \S/.test(line)],
      ["ol", (line, n) => line.startsWith(`${n + 1}. `) && line.length > `${n + 1}. `.length],
      ["quote", (line) => /^>/.test(line)],
    ])) {
      const to = run(pattern, i);
      if (to === i || (kind === "ol" && to - i < 2)) continue;
      const part = lines.slice(i, to);
      if (kind === "quote") doc.push({ kind, inner: fromText(part.map((line) => line.replace(/^> ?/, "")).join("\n")) });
      else doc.push({ kind, items: part.map((line) => [{ kind: "p", spans: [{ text: line.replace(/^(- |\d+\. )/, "") }] }]) });
      i = to;
    }
    const to = run((line, n) => line.trim() !== "" && (n === 0 || !/^(- \S|>|1\. )/.test(line)), i);
    if (to > i && !/^(- \S|>)/.test(lines[i])) {
      doc.push({ kind: "p", spans: tidy(lines.slice(i, to).flatMap((line, n) => [...(n ? [{ br: true }] : []), { text: line }])) });
      i = to;
    }
  }
  return doc.filter((block) => block.kind !== "quote" || (block.inner?.length ?? 0) > 0);
}

/** A document with every text of it changed. @param {Block[]} doc @param {(text: string) => string} change @returns {Block[]} */
export function mapText(doc, change) {
  return doc.map((block) => ({
    ...block,
    ...(block.spans && { spans: block.spans.map((span) => (span.text && !span.img ? { ...span, text: change(span.text) } : span)) }),
    ...(block.items && { items: block.items.map((item) => mapText(item, change)) }),
    ...(block.inner && { inner: mapText(block.inner, change) }),
  }));
}
