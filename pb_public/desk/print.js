/** A conversation on paper: everything that was said, with or without what is among staff. */
import { t } from "../shared/i18n.js";
import { openMenu } from "./menu.js";
import { loadStyle } from "./parts.js";

/** @param {import("./app.js").Desk} desk @param {HTMLElement} anchor */
export function printMenu(desk, anchor) {
  openMenu(anchor, {
    title: t("desk.print"),
    choices: () => [
      { id: "all", label: t("desk.print_notes") },
      { id: "said", label: t("desk.print_said") },
    ],
    pick: (id) => void print(desk, id === "all"),
  });
}

/** @param {import("./app.js").Desk} desk @param {boolean} notes */
async function print(desk, notes) {
  const { store } = desk;
  await loadStyle("print");
  const { current } = store;
  for (let pages = 0; store.talk?.more && store.talk.older !== "error" && store.current === current && pages < 200; pages++) await store.loadOlder();
  if (store.current !== current || store.talk?.older === "error") return desk.toast(t("desk.older_failed"), { bad: true });
  // Everything that loads late or stands folded has to be there.
  await new Promise((resolve) => setTimeout(resolve, 300));
  const images = [.../** @type {NodeListOf<HTMLImageElement>} */ (document.querySelectorAll(".log img"))];
  for (const image of images) image.loading = "eager";
  await Promise.race([Promise.all(images.map((image) => image.decode().catch(() => {}))), new Promise((resolve) => setTimeout(resolve, 4_000))]);
  document.body.classList.toggle("print-said", !notes);
  // A day on which only staff did something has nothing below it then.
  /** @type {Element | null} */
  let day = null;
  for (const item of document.querySelectorAll(".log .day, .log .msg:not(.note)")) {
    if (item.matches(".day")) (day = item).classList.add("is-bare");
    else day?.classList.remove("is-bare");
  }
  const scheme = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light"; // paper is white
  window.addEventListener("afterprint", () => {
    document.body.classList.remove("print-said");
    if (scheme) document.documentElement.dataset.theme = scheme;
    else delete document.documentElement.dataset.theme;
  }, { once: true });
  window.print();
}
