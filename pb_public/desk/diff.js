/** What changed between two texts, word by word. */

/** @typedef {{kind: "same" | "new" | "old", text: string}} Part */

const MOST = 4_000_000; // cells of the table; longer texts are compared as a whole

/** @param {string} before @param {string} after @returns {Part[]} */
export function wordDiff(before, after) {
  const a = before.match(/\s+|\S+/g) ?? [];
  const b = after.match(/\s+|\S+/g) ?? [];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const left = a.slice(start, a.length - end);
  const right = b.slice(start, b.length - end);
  /** @type {Part[]} */
  const parts = [];
  const put = (/** @type {Part["kind"]} */ kind, /** @type {string} */ text) => {
    const last = parts[parts.length - 1];
    if (!text) return;
    if (last?.kind === kind) last.text += text;
    else parts.push({ kind, text });
  };
  put("same", a.slice(0, start).join(""));
  if (left.length * right.length > MOST) {
    put("old", left.join(""));
    put("new", right.join(""));
  } else {
    const width = right.length + 1;
    const table = new Uint32Array((left.length + 1) * width);
    for (let i = left.length - 1; i >= 0; i--) {
      for (let j = right.length - 1; j >= 0; j--) table[i * width + j] = left[i] === right[j] ? table[(i + 1) * width + j + 1] + 1 : Math.max(table[(i + 1) * width + j], table[i * width + j + 1]);
    }
    let i = 0;
    let j = 0;
    while (i < left.length || j < right.length) {
      if (i < left.length && j < right.length && left[i] === right[j]) {
        put("same", left[i++]);
        j++;
      } else if (j >= right.length || (i < left.length && table[(i + 1) * width + j] >= table[i * width + j + 1])) put("old", left[i++]);
      else put("new", right[j++]);
    }
  }
  put("same", a.slice(a.length - end).join(""));
  return parts;
}
