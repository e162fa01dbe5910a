let offered = false;

/** The chat is fetched when somebody wants it, or has been in one. */
export function offerChat() {
  if (offered) return;
  offered = true;
  const { widget, position } = document.body.dataset;
  if (!widget) return;
  const api = () => /** @type {{ open(): void } | undefined} */ (/** @type {any} */ (window).Shohay);
  let wanted = false;
  const load = () => {
    if (document.querySelector(`script[src="${widget}"]`)) return;
    const script = document.createElement("script");
    script.src = widget;
    script.dataset.lang = document.documentElement.lang;
    script.dataset.position = position;
    script.addEventListener("load", () => wanted && api()?.open());
    document.body.append(script);
  };
  for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("[data-chat]"))) {
    button.hidden = false;
    button.addEventListener("click", () => {
      wanted = true;
      load();
      api()?.open();
    });
  }
  let known = false;
  try {
    known = Object.keys(localStorage).some((name) => name.startsWith("shohay"));
  } catch {
    // no storage, so nobody has chatted
  }
  if (known) load();
}
