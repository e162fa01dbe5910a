/**
 * <rich-box>: where formatted text is written. It keeps to the browser's own editing, so that phone keyboards, Bangla input
 * methods, spelling and undo work as everywhere; what it holds is read into the subset of rich.js. Offsets are those of
 * `value`, the lines as they stand there.
 */
import { escape } from "../shared/html.js";
import { fromText, isPlain, linkOf, linkTyped, read, toHtml, toLines, toText } from "./rich.js";

const BLOCK = /^(DIV|P|LI|UL|OL|BLOCKQUOTE|PRE)$/;
/** What a line may begin with to become something. @type {Record<string, string>} */
const MARKS = { "- ": "ul", "* ": "ul", "1. ": "ol", "১. ": "ol", "> ": "quote" };

/** @typedef {{node: Node, at: number, length: number}} Piece */

export class RichBox extends HTMLElement {
  /** Files that were pasted into or dropped on the text. @type {(files: File[]) => void} */
  onFiles = () => {};
  /** @type {Map<string, string>} addresses of the pictures by their names */
  #pictures = new Map();
  #composing = false;

  connectedCallback() {
    this.contentEditable = "true";
    this.setAttribute("role", "textbox");
    this.setAttribute("aria-multiline", "true");
    this.addEventListener("input", this.#typed);
    this.addEventListener("compositionstart", this.#begin);
    this.addEventListener("compositionend", this.#end);
    this.addEventListener("paste", this.#pasted);
    this.addEventListener("drop", this.#dropped);
    this.addEventListener("keydown", this.#key);
    this.addEventListener("focus", this.#manner);
    this.#mark();
  }

  disconnectedCallback() {
    for (const url of this.#pictures.values()) URL.revokeObjectURL(url);
    this.#pictures.clear();
  }

  #manner = () => {
    document.execCommand("defaultParagraphSeparator", false, "div");
    document.execCommand("styleWithCSS", false, "false");
  };

  set placeholder(/** @type {string} */ text) {
    if (this.dataset.placeholder !== text) this.dataset.placeholder = text;
    if (this.getAttribute("aria-placeholder") !== text) this.setAttribute("aria-placeholder", text);
  }

  // ---- what it holds

  get doc() {
    return read(/** @type {any} */ (this), (node) => /** @type {HTMLElement} */ (/** @type {unknown} */ (node)).dataset?.cid ?? "");
  }

  set doc(doc) {
    this.innerHTML = toLines(doc); // escaped by rich.js
    this.#hydrate();
    this.#mark();
  }

  /** The formatted form, "" where text says the same. */
  get html() {
    const { doc } = this;
    return isPlain(doc) ? "" : toHtml(doc);
  }

  /** What it says without formatting. */
  get text() {
    return toText(this.doc);
  }

  /** The lines as they stand; a picture is one character. */
  get value() {
    return this.#linear().text;
  }

  set value(text) {
    this.doc = fromText(text);
  }

  get isEmpty() {
    return !this.querySelector("img") && (this.textContent ?? "").trim() === "";
  }

  #mark() {
    this.classList.toggle("is-empty", !this.querySelector("img, li, blockquote") && (this.textContent ?? "") === "" && this.querySelectorAll("div, br").length < 3);
  }

  /** Where the picture of a name is to be fetched from. @param {string} cid @param {Blob} blob */
  picture(cid, blob) {
    if (!this.#pictures.has(cid)) this.#pictures.set(cid, URL.createObjectURL(blob));
    this.#hydrate();
  }

  #hydrate() {
    for (const image of this.querySelectorAll("img")) {
      const url = this.#pictures.get(image.dataset.cid ?? "");
      if (url && image.src !== url) image.src = url;
    }
  }

  #linear() {
    /** @type {Piece[]} */
    const pieces = [];
    let text = "";
    let fresh = true; // a line was begun and holds nothing yet
    let closed = false; // a block ended: what follows is a line of its own
    const content = (/** @type {Node} */ node, /** @type {string} */ said) => {
      if (closed && !fresh) text += "\n";
      closed = false;
      fresh = false;
      pieces.push({ node, at: text.length, length: said.length });
      text += said;
    };
    const visit = (/** @type {Node} */ node) => {
      if (node.nodeType === 3) {
        if (node.nodeValue) content(node, node.nodeValue.replaceAll("\u00a0", " "));
      } else if (node.nodeName === "BR") {
        const last = !node.nextSibling && node.parentNode !== this;
        content(node, last ? "" : "\n");
        if (!last) fresh = true;
      } else if (node.nodeName === "IMG") {
        content(node, "\ufffc");
      } else {
        const block = BLOCK.test(node.nodeName);
        if (block && !fresh) text += "\n";
        if (block) [fresh, closed] = [true, false];
        node.childNodes.forEach(visit);
        if (block) closed = true;
      }
    };
    this.childNodes.forEach(visit);
    return { text, pieces };
  }

  // ---- where the caret stands

  /** @param {Node} node @param {number} offset */
  #offset(node, offset) {
    const { text, pieces } = this.#linear();
    if (node.nodeType === 3) {
      const piece = pieces.find((other) => other.node === node);
      if (piece) return piece.at + offset;
    }
    const next = node.childNodes[offset];
    const after = next && pieces.find((piece) => next === piece.node || next.contains(piece.node) || next.compareDocumentPosition(piece.node) & Node.DOCUMENT_POSITION_FOLLOWING);
    if (after) return after.at;
    const inside = pieces.filter((piece) => node.contains(piece.node)).pop();
    return inside ? inside.at + inside.length : text.length;
  }

  /** @returns {Range | null} the selection, if it is here */
  get range() {
    const selection = getSelection();
    if (!selection?.rangeCount) return null;
    const range = selection.getRangeAt(0);
    return this.contains(range.commonAncestorContainer) ? range : null;
  }

  get selectionStart() {
    const { range } = this;
    return range ? this.#offset(range.startContainer, range.startOffset) : this.value.length;
  }

  get selectionEnd() {
    const { range } = this;
    return range ? this.#offset(range.endContainer, range.endOffset) : this.value.length;
  }

  /** @param {number} from @param {number} to */
  setSelectionRange(from, to) {
    const { pieces } = this.#linear();
    const place = (/** @type {number} */ at) => {
      const piece = pieces.find((other) => at >= other.at && at <= other.at + other.length && other.node.nodeType === 3) ?? pieces.find((other) => at <= other.at);
      if (!piece) return { node: /** @type {Node} */ (this), offset: this.childNodes.length };
      if (piece.node.nodeType === 3) return { node: piece.node, offset: Math.min(at - piece.at, piece.length) };
      const parent = piece.node.parentNode ?? this;
      return { node: /** @type {Node} */ (parent), offset: [...parent.childNodes].indexOf(/** @type {ChildNode} */ (piece.node)) + (at > piece.at ? 1 : 0) };
    };
    const [a, b] = [place(from), place(to)];
    getSelection()?.setBaseAndExtent(a.node, a.offset, b.node, b.offset);
  }

  /** Puts the caret behind everything. */
  toEnd() {
    getSelection()?.selectAllChildren(this);
    getSelection()?.collapseToEnd();
  }

  // ---- writing

  /** Focuses, with the caret where it was or at the end. */
  #here() {
    if (document.activeElement !== this) {
      const range = this.range?.cloneRange();
      this.focus();
      if (range) getSelection()?.setBaseAndExtent(range.startContainer, range.startOffset, range.endContainer, range.endOffset);
      else this.toEnd();
    } else if (!this.range) this.toEnd();
  }

  /** @param {string} text */
  insertText(text) {
    this.#here();
    document.execCommand("insertText", false, text);
  }

  /** @param {import("./rich.js").Block[]} doc */
  insertDoc(doc) {
    this.#here();
    const one = doc.length === 1 && doc[0].kind === "p" && !doc[0].spans?.some((span) => span.br);
    document.execCommand("insertHTML", false, one ? toLines(doc).replace(/^<div>|<\/div>$/g, "") : toLines(doc));
    this.#hydrate();
    this.#mark();
  }

  /** @param {string} cid @param {File} file */
  insertPicture(cid, file) {
    this.picture(cid, file);
    this.#here();
    // A picture stands on a line of its own.
    const { value, selectionStart: at } = this;
    if (at > 0 && value[at - 1] !== "\n") document.execCommand("insertParagraph");
    document.execCommand("insertHTML", false, `<img data-cid="${escape(cid)}" alt="${escape(file.name)}">`);
    document.execCommand("insertParagraph");
    this.#hydrate();
    this.#mark();
  }

  /** @param {"bold" | "italic" | "ul" | "ol" | "quote"} what */
  format(what) {
    this.#here();
    const command = { bold: "bold", italic: "italic", ul: "insertUnorderedList", ol: "insertOrderedList", quote: "" }[what];
    if (command) document.execCommand(command);
    else if (this.#inside("BLOCKQUOTE")) document.execCommand("outdent");
    else document.execCommand("formatBlock", false, "blockquote");
    this.#mark();
  }

  /** The element of a kind around the caret. @param {string} name @returns {HTMLElement | null} */
  #inside(name) {
    let node = this.range?.startContainer ?? null;
    while (node && node !== this) {
      if (node.nodeName === name) return /** @type {HTMLElement} */ (node);
      node = node.parentNode;
    }
    return null;
  }

  /** The address of the link at the caret. */
  get linkHere() {
    return this.#inside("A")?.getAttribute("href") ?? "";
  }

  /** Makes a link of what is selected, or puts the address in; "" takes one away. @param {string} typed @param {Range | null} range what was selected @returns {boolean} false for no address */
  link(typed, range) {
    const href = linkTyped(typed);
    if (typed.trim() && !href) return false;
    this.focus();
    if (range) getSelection()?.setBaseAndExtent(range.startContainer, range.startOffset, range.endContainer, range.endOffset);
    const around = this.#inside("A");
    if (around) getSelection()?.selectAllChildren(around);
    if (!href) document.execCommand("unlink");
    else if (getSelection()?.isCollapsed) document.execCommand("insertHTML", false, `<a href="${escape(href)}">${escape(typed.trim())}</a>`);
    else document.execCommand("createLink", false, href);
    getSelection()?.collapseToEnd();
    return true;
  }

  // ---- events

  #begin = () => {
    this.#composing = true;
    this.classList.remove("is-empty"); // what is being composed is no placeholder's place
  };

  #end = () => {
    this.#composing = false;
    this.#mark();
    this.#shortcut();
  };

  /** @param {Event} event */
  #typed = (event) => {
    if (this.#composing || /** @type {InputEvent} */ (event).isComposing) return;
    this.#mark();
    if (/^insert(Text|Composition)/.test(/** @type {InputEvent} */ (event).inputType ?? "")) this.#shortcut();
  };

  /** What was just typed may have been a mark: **bold**, - a list, > a quote, [words](address). */
  #shortcut() {
    const selection = getSelection();
    const node = selection?.anchorNode;
    if (!selection?.isCollapsed || !node || node.nodeType !== 3 || !this.contains(node) || this.#inside("PRE")) return;
    const before = (node.nodeValue ?? "").slice(0, selection.anchorOffset).replaceAll("\u00a0", " ");
    const kind = MARKS[before];
    if (kind) {
      const { text } = this.#linear();
      const at = this.#offset(node, selection.anchorOffset);
      if (text.slice(text.lastIndexOf("\n", at - 1) + 1, at) !== before || this.#inside("LI") || (kind === "quote" && this.#inside("BLOCKQUOTE"))) return;
      selection.setBaseAndExtent(node, 0, node, before.length);
      document.execCommand("delete");
      return this.format(/** @type {"ul"} */ (kind));
    }
    const bold = /(?:^|[\s(])(\*\*(\S(?:[^*\n]*[^\s*])?)\*\*)$/.exec(before);
    const italic = /(?:^|[\s(])(([*_])([^\s*_](?:[^*_\n]*[^\s*_])?)\2)$/.exec(before);
    const link = /(\[([^[\]\n]+)\]\(([^()\s]+)\))$/.exec(before);
    const found = bold ?? italic ?? link;
    if (!found) return;
    const href = link ? linkTyped(link[3]) : "";
    if (link && !href) return;
    selection.setBaseAndExtent(node, before.length - found[1].length, node, before.length);
    if (link) return void document.execCommand("insertHTML", false, `<a href="${escape(href)}">${escape(link[2])}</a>`);
    const command = bold ? "bold" : "italic";
    document.execCommand("insertHTML", false, bold ? `<b>${escape(bold[2])}</b>` : `<i>${escape(found[3])}</i>`);
    // What is typed next is plain again.
    if (document.queryCommandState(command)) document.execCommand(command);
  }

  /** @param {KeyboardEvent} event */
  #key = (event) => {
    if (event.isComposing) return;
    const held = (event.ctrlKey || event.metaKey) && !event.altKey;
    const key = event.key.toLowerCase();
    if (held && (key === "b" || key === "i" || event.code === "KeyB" || event.code === "KeyI")) {
      event.preventDefault();
      this.format(key === "b" || event.code === "KeyB" ? "bold" : "italic");
      this.#tell();
    } else if (held && key === "u") {
      event.preventDefault(); // nothing of ours is underlined but links
    } else if (held && event.shiftKey && /^Digit[789]$/.test(event.code)) {
      event.preventDefault();
      this.format(/** @type {const} */ ({ Digit7: "ol", Digit8: "ul", Digit9: "quote" })[/** @type {"Digit7"} */ (event.code)]);
      this.#tell();
    } else if ((event.key === "Enter" || event.key === "Backspace") && !held && !event.shiftKey && this.#inside("BLOCKQUOTE") && getSelection()?.isCollapsed) {
      // An empty line, or the beginning, leads out of a quote.
      const { text } = this.#linear();
      const at = this.selectionStart;
      const from = text.lastIndexOf("\n", at - 1) + 1;
      const to = text.indexOf("\n", at);
      const line = text.slice(from, to < 0 ? undefined : to);
      if (line !== "" || this.#inside("LI")) return;
      event.preventDefault();
      document.execCommand("outdent");
      this.#tell();
    }
  };

  #tell() {
    this.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** @param {ClipboardEvent} event */
  #pasted = (event) => {
    const data = event.clipboardData;
    if (!data) return;
    event.preventDefault();
    event.stopPropagation();
    this.#take(data);
  };

  /** @param {DragEvent} event */
  #dropped = (event) => {
    const data = event.dataTransfer;
    if (!data || data.files.length || !data.types.some((type) => type.startsWith("text/"))) return; // files are the composer's
    if (this.range && !this.range.collapsed) return; // text moved within the box
    event.preventDefault();
    const at = /** @type {any} */ (document).caretPositionFromPoint?.(event.clientX, event.clientY);
    if (at && this.contains(at.offsetNode)) getSelection()?.collapse(at.offsetNode, at.offset);
    this.#take(data);
  };

  /** Takes over what was copied elsewhere, cleaned to the subset. @param {DataTransfer} data */
  #take(data) {
    const text = data.getData("text/plain").replace(/\r\n?/g, "\n");
    const html = data.getData("text/html");
    const files = [...data.files];
    if (files.length && !text.trim()) return this.onFiles(files);
    const doc = html ? read(/** @type {any} */ (new DOMParser().parseFromString(html, "text/html").body)) : [];
    const url = linkOf(text.trim());
    if (url && this.range && !this.range.collapsed) document.execCommand("createLink", false, url);
    else if (doc.length && !isPlain(doc)) this.insertDoc(doc);
    else this.insertText(text);
    this.#tell();
  }
}
customElements.define("rich-box", RichBox);
