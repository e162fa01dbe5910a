/** Where and when the closed chat greets. */

/** The addresses that an owner wrote, one a line. @param {string} text */
export function pagesOf(text) {
  return text.split("\n").map((line) => line.trim()).filter(Boolean);
}

/** The path of an address as somebody copies it from the browser. @param {string} address */
export function pathOf(address) {
  const text = address.trim();
  if (!text) return "";
  try {
    return decodeURI(new URL(text, "https://shop.example").pathname);
  } catch {
    return text;
  }
}

/** Whether the chat greets on a page, as the widget judges it. @param {string[]} pages @param {string} path */
export function greetsOn(pages, path) {
  return !pages.length || pages.some((page) => new RegExp(`^${page.split(/\*+/).map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&")).join(".*")}$`).test(path));
}

/** What is wrong with the addresses: one that is none, too many, or nothing. @param {string[]} pages @returns {"" | "page" | "many"} */
export function wrongPages(pages) {
  if (pages.length > 20) return "many";
  return pages.every((page) => page.startsWith("/") || page.startsWith("*")) ? "" : "page";
}
