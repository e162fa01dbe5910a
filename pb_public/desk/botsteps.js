/** What the bot's parts of the desk reckon, without a page. */
import { escape } from "../shared/html.js";

/** @typedef {import("./botflow.js").Step} Step */

/** What agents answered, as the beginning of an article. @param {readonly string[]} answers */
export function articleBody(answers) {
  return answers
    .flatMap((answer) => answer.split(/\n{2,}/))
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) => `<p>${escape(part)}</p>`)
    .join("");
}

/** A name that no step has yet. @param {readonly Step[]} steps @param {string} kind */
export function freshId(steps, kind) {
  const base = kind.replaceAll("_", "-");
  for (let n = 1; ; n++) if (!steps.some(({ id }) => id === `${base}-${n}`)) return `${base}-${n}`;
}

/** Sets what a path such as buttons.0.text.bn names. @param {any} step @param {string} path @param {unknown} value */
export function put(step, path, value) {
  const parts = path.split(".");
  const last = /** @type {string} */ (parts.pop());
  let at = step;
  for (const part of parts) at = at[part] ??= {};
  if (value === "" || value === undefined) delete at[last];
  else at[last] = value;
}

/** Changes a name everywhere it is led to. @param {Step[]} steps @param {string} from @param {string} to */
export function rename(steps, from, to) {
  for (const step of steps) {
    if (step.id === from) step.id = to;
    for (const key of /** @type {("next" | "then" | "else")[]} */ (["next", "then", "else"])) if (step[key] === from) step[key] = to;
    for (const button of step.buttons ?? []) if (button.next === from) button.next = to;
  }
}

/** Whether somebody waits for an answer. @param {readonly {kind: string, automatic?: boolean}[]} messages */
export function unanswered(messages) {
  const said = messages.filter((one) => (one.kind === "incoming" || one.kind === "outgoing") && !one.automatic);
  return said.at(-1)?.kind === "incoming";
}
