import { offerChat } from "./chat.js";

/**
 * The first page works without this file. With it, what is missing in a form is said before anything is sent, chosen files are listed and
 * can be taken back, a second press does nothing, and the chat can be opened. What helps with the form is fetched when somebody comes
 * near it.
 */
const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form.ask"));

offerChat();
if (form) whenNear(form);

/** @param {HTMLFormElement} form */
function whenNear(form) {
  let wanted = false;
  const help = () => {
    if (wanted) return;
    wanted = true;
    watch.disconnect();
    void import("./ask.js").then(({ helpAsking }) => helpAsking(form));
  };
  const watch = new IntersectionObserver((seen) => seen.some((entry) => entry.isIntersecting) && help(), { rootMargin: "300px" });
  watch.observe(form);
  form.addEventListener("focusin", help, { once: true });
  if (location.hash === "#ask" || form.querySelector(".errors")) help();
}
