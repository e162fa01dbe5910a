/** The mailbox looks for new mail by itself, unless something is being written. */
const EVERY = 4000;

async function look() {
  const text = /** @type {HTMLTextAreaElement | null} */ (document.querySelector("#text"));
  if (!document.hidden && text) {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const theirs = page.querySelectorAll("article.mail, section.blank");
      const ours = document.querySelectorAll("article.mail, section.blank");
      if (theirs.length !== ours.length || [...theirs].some((mail, i) => mail.querySelector("pre")?.textContent !== ours[i].querySelector("pre")?.textContent)) {
        for (const old of ours) old.remove();
        document.querySelector("main")?.append(...theirs);
        const subject = /** @type {HTMLInputElement | null} */ (document.querySelector("#subject"));
        const fresh = /** @type {HTMLInputElement | null} */ (page.querySelector("#subject"));
        if (subject && fresh && text.value === "") subject.value = fresh.value;
      }
    } catch {
      // the program is being restarted; the next look will tell
    }
  }
  setTimeout(look, EVERY);
}
setTimeout(look, EVERY);
