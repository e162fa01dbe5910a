/** How a note shows whom it calls. */
import { escape } from "../shared/html.js";

/**
 * A message's markup with the names that it calls marked; what stands in tags stays.
 * @param {string} text markup @param {readonly {id: string, as: string}[]} mentions @param {string} me
 */
export function marked(text, mentions, me) {
  const names = [...mentions].sort((a, b) => b.as.length - a.as.length).map(({ as }) => escape(as).replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const pattern = new RegExp(`<[^>]*>|@(?:${names.join("|")})(?![\\p{L}\\p{M}\\p{N}])`, "giu");
  const mine = mentions.filter(({ id }) => id === me).map(({ as }) => `@${escape(as)}`.toLowerCase());
  return text.replace(pattern, (found) => (found.startsWith("<") ? found : `<span class="mention${mine.includes(found.toLowerCase()) ? " is-me" : ""}">${found}</span>`));
}
