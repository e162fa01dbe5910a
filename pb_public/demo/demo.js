// The sample storefront: the page of a shop, with one script tag of ours in it.

const languages = ["bn", "en"];
const asked = new URLSearchParams(location.search).get("lang") || navigator.language.slice(0, 2);
const lang = languages.includes(asked) ? asked : "en";
const page = document.documentElement;

/** @param {string} selector @returns {HTMLElement[]} */
const all = (selector) => [...document.querySelectorAll(selector)].filter((el) => el instanceof HTMLElement);

/** @param {Record<string, string>} words */
function translate(words) {
  /** @param {string | undefined} key */
  const word = (key) => words[key || ""] || "";
  for (const el of all("[data-t]")) el.textContent = word(el.dataset.t);
  for (const el of all("[data-t-label]")) el.setAttribute("aria-label", word(el.dataset.tLabel));
  for (const el of all("[data-t-alt]")) el.setAttribute("alt", word(el.dataset.tAlt));
  for (const el of all("[data-order]")) {
    if (el.dataset.order) el.setAttribute("aria-label", word("order_label").replace("{name}", word(el.dataset.order)));
  }
}

page.lang = lang; // the widget follows it
page.classList.add("loading");
const money = new Intl.NumberFormat(lang === "bn" ? "bn-BD" : "en-IN");
for (const el of all("[data-price]")) el.textContent = "৳" + money.format(Number(el.dataset.price));
for (const a of all(".languages a")) if (a.lang === lang) a.setAttribute("aria-current", "true");
for (const a of all("[data-help]")) a.setAttribute("href", `/?lang=${lang}`);
for (const el of all("[data-order]")) el.addEventListener("click", () => /** @type {any} */ (window).Shohay?.open());

try {
  const answer = await fetch(`/i18n/${lang}.json`);
  if (answer.ok) translate((await answer.json()).demo);
} finally {
  page.classList.remove("loading"); // without the words the page stays in English
}

export {};
