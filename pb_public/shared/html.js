/**
 * Text into the page, escaped. `html` builds markup in which every value is escaped unless it is markup of `html` itself;
 * `render` brings an element to that markup by changing only what differs, so focus, scroll and half-typed text stay.
 *
 * Rules for writers: attribute values are quoted; a list's elements carry data-key; custom properties go into data-var
 * ("--tag:#a33"), because a style attribute is refused by our content security policy.
 */

/** Markup that is already escaped. */
export class Html {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }
  toString() {
    return this.text;
  }
}

/** @type {Record<string, string>} */
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** @param {unknown} text */
export function escape(text) {
  return String(text).replace(/[&<>"']/g, (c) => ENTITIES[c]);
}

/** @param {unknown} value @returns {string} */
function piece(value) {
  if (value === null || value === undefined || value === false || value === true) return "";
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(piece).join("");
  return escape(value);
}

/** @param {TemplateStringsArray} strings @param {...unknown} values */
export function html(strings, ...values) {
  let text = strings[0];
  for (let i = 0; i < values.length; i++) text += piece(values[i]) + strings[i + 1];
  return new Html(text);
}

/** A boolean attribute: ` name` or nothing. @param {string} name @param {unknown} on */
export function flag(name, on) {
  return new Html(on ? ` ${name}` : "");
}

/** One of our line icons. @param {string} name @param {string} [size] a class: "s" (16px) or "xs" (14px) */
export function icon(name, size = "") {
  return html`<svg class="icon ${size}" aria-hidden="true"><use href="../shared/icons.svg#${name}"></use></svg>`;
}

/** Only addresses that cannot run anything. @param {string} url */
export function safeUrl(url) {
  return /^(https?:|mailto:|tel:|\/(?!\/)|blob:|data:image\/(png|jpeg|gif|webp);)/i.test(url) ? url : "#";
}

/** @param {string} text @returns {DocumentFragment} */
function parse(text) {
  const template = document.createElement("template");
  template.innerHTML = text; // built by html`` only: everything in it is escaped
  return template.content;
}

/** @type {WeakMap<Element, string>} */
const shown = new WeakMap();

/** Brings the children of root to the markup. @param {Element} root @param {Html} markup */
export function render(root, markup) {
  if (shown.get(root) === markup.text) return;
  shown.set(root, markup.text);
  morphChildren(root, parse(markup.text));
}

/**
 * The elements of several markups of one element each: going to the parser once for all is much quicker than once each.
 * @param {string[]} markups @returns {(markup: string) => Element | null} gives each element once
 */
function parsed(markups) {
  if (markups.length < 2) return (markup) => parse(markup).firstElementChild;
  const made = [...parse(markups.join("")).children];
  if (made.length !== markups.length) return (markup) => parse(markup).firstElementChild;
  /** @type {Map<string, Element[]>} */
  const by = new Map();
  markups.forEach((markup, i) => by.set(markup, [...(by.get(markup) ?? []), made[i]]));
  return (markup) => by.get(markup)?.shift() ?? parse(markup).firstElementChild;
}

/** Says that something else changed the children of root, so the next render must look again. @param {Element} root */
export function forget(root) {
  shown.delete(root);
}

/**
 * Brings root to one element per item, in order, reusing the elements of known keys. An element whose markup did not
 * change is not even parsed.
 * @template T
 * @param {Element} root
 * @param {readonly T[]} items
 * @param {(item: T, index: number) => string} keyOf
 * @param {(item: T, index: number) => Html} toHtml  exactly one element
 */
export function renderEach(root, items, keyOf, toHtml) {
  /** @type {Map<string, Element>} */
  const old = new Map();
  for (const child of root.children) old.set(child.getAttribute("data-key") ?? "", child);
  const all = items.map((item, i) => ({ key: keyOf(item, i), markup: toHtml(item, i).text }));
  const wanted = new Set(all.map(({ key }) => key));
  for (const [key, child] of old) {
    if (!wanted.has(key)) child.remove();
  }
  const elementOf = parsed(all.filter(({ key, markup }) => shown.get(old.get(key) ?? root) !== markup).map(({ markup }) => markup));
  let cursor = root.firstElementChild;
  all.forEach(({ key, markup }) => {
    let element = old.get(key);
    if (!element) {
      const made = elementOf(markup);
      if (!made) return;
      made.setAttribute("data-key", key);
      adopt(made);
      shown.set(made, markup);
      root.insertBefore(made, cursor);
      return;
    }
    if (shown.get(element) !== markup) {
      const next = elementOf(markup);
      if (next) {
        next.setAttribute("data-key", key);
        if (next.nodeName === element.nodeName) {
          morph(element, next);
        } else {
          adopt(next);
          if (cursor === element) cursor = next;
          element.replaceWith(next);
          element = next;
        }
        shown.set(element, markup);
      }
    }
    if (element === cursor) cursor = cursor.nextElementSibling;
    else root.insertBefore(element, cursor);
  });
}

/** @param {Node} node */
function keyOfNode(node) {
  return node instanceof Element ? node.getAttribute("data-key") : null;
}

/** @param {Node} from @param {Node} to */
function morphChildren(from, to) {
  /** @type {Map<string, Element>} */
  const keyed = new Map();
  const wanted = new Set();
  for (const child of from.childNodes) {
    const key = keyOfNode(child);
    if (key !== null) keyed.set(key, /** @type {Element} */ (child));
  }
  for (const child of to.childNodes) {
    const key = keyOfNode(child);
    if (key !== null) wanted.add(key);
  }
  let cursor = from.firstChild;
  const skipGone = () => {
    while (cursor) {
      const key = keyOfNode(cursor);
      if (key === null || wanted.has(key)) return;
      const gone = cursor;
      cursor = cursor.nextSibling;
      gone.remove();
    }
  };
  for (const next of [...to.childNodes]) {
    skipGone();
    const key = keyOfNode(next);
    /** @type {ChildNode | null} */
    let match = null;
    if (key !== null) {
      const candidate = keyed.get(key);
      if (candidate && candidate.nodeName === next.nodeName && candidate.parentNode === from) match = candidate;
    } else if (cursor && keyOfNode(cursor) === null && cursor.nodeName === next.nodeName) {
      match = cursor;
    }
    if (!match) {
      if (next instanceof Element) adopt(next);
      from.insertBefore(next, cursor);
      continue;
    }
    if (match === cursor) cursor = cursor.nextSibling;
    else from.insertBefore(match, cursor);
    morph(match, next);
  }
  while (cursor) {
    const gone = cursor;
    cursor = cursor.nextSibling;
    gone.remove();
  }
}

/** @param {Node} from @param {Node} to */
function morph(from, to) {
  if (!(from instanceof Element) || !(to instanceof Element)) {
    if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
    return;
  }
  for (const { name, value } of [...to.attributes]) {
    if (from.getAttribute(name) !== value) {
      from.setAttribute(name, value);
      if (name === "data-var") applyVars(from);
    }
  }
  for (const { name } of [...from.attributes]) {
    if (to.hasAttribute(name) || name === "style") continue;
    if (name === "open" && (from.nodeName === "DETAILS" || from.nodeName === "DIALOG")) continue;
    from.removeAttribute(name);
  }
  if (from instanceof HTMLInputElement && to instanceof HTMLInputElement) {
    if (from.type === "checkbox" || from.type === "radio") from.checked = to.hasAttribute("checked");
    else if (from !== document.activeElement) from.value = to.getAttribute("value") ?? "";
    return;
  }
  if (from.hasAttribute("data-keep") || from.localName.includes("-")) return;
  if (from instanceof HTMLTextAreaElement) {
    if (from !== document.activeElement) from.value = to.textContent ?? "";
    return;
  }
  if (from instanceof HTMLSelectElement) {
    if (from !== document.activeElement) {
      morphChildren(from, to);
      for (const option of from.options) option.selected = option.hasAttribute("selected");
    }
    return;
  }
  morphChildren(from, to);
}

/** Custom properties of new elements. @param {Element} element */
function adopt(element) {
  if (element.hasAttribute("data-var")) applyVars(element);
  for (const child of element.querySelectorAll("[data-var]")) applyVars(child);
}

/** @param {Element} element */
function applyVars(element) {
  if (!(element instanceof HTMLElement)) return;
  for (const pair of (element.dataset.var ?? "").split(";")) {
    const at = pair.indexOf(":");
    if (at > 0) element.style.setProperty(pair.slice(0, at).trim(), pair.slice(at + 1).trim());
  }
}

/**
 * One listener for all elements that carry data-act inside root. Returns what undoes it.
 * @param {HTMLElement} root
 * @param {Record<string, (target: HTMLElement, event: Event) => unknown>} acts
 * @param {string} [type]
 */
export function onAct(root, acts, type = "click") {
  /** @param {Event} event */
  const listen = (event) => {
    if (!(event.target instanceof Element)) return;
    const target = event.target.closest("[data-act]");
    if (!(target instanceof HTMLElement) || !root.contains(target)) return;
    const act = acts[target.dataset.act ?? ""];
    if (act) act(target, event);
  };
  root.addEventListener(type, listen);
  return () => root.removeEventListener(type, listen);
}
