/** Setting up an authenticator app: at the door when the shop requires it, and in the settings. */
import { ApiError, sentence } from "../shared/api.js";
import { html, icon, onAct, render } from "../shared/html.js";
import { addTexts, t } from "../shared/i18n.js";
import { loadStyle } from "./parts.js";

/** What an input of a code looks like. @param {string} label @param {string} hint */
export function codeField(label, hint) {
  return html`<label class="field"><span>${label}</span><input name="code" inputmode="text" autocomplete="one-time-code" autocapitalize="none" spellcheck="false" maxlength="20" required><small>${hint}</small></label>`;
}

/** Recovery codes, shown this once. @param {string[]} codes */
export function codesHtml(codes) {
  return html`<h3>${t("session.codes_title")}</h3><p>${t("session.codes_why")}</p>
    <ol class="second-codes" tabindex="0">${codes.map((code) => html`<li><code>${code}</code></li>`)}</ol>
    <div class="second-acts"><button class="btn" type="button" data-act="save-codes">${icon("download", "s")}${t("session.codes_save")}</button><button class="btn go" type="button" data-act="codes-kept">${t("session.codes_done")}</button></div>`;
}

/** @param {string[]} codes */
export function saveCodes(codes) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([`${location.host}\n\n${codes.join("\n")}\n`], { type: "text/plain" }));
  link.download = "recovery-codes.txt";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/**
 * Leads through it inside an element: password, picture, first code, recovery codes.
 * @param {HTMLElement} place @param {import("../shared/api.js").Api} api
 * @param {{onDone: () => void, onBack: () => void, password?: string}} options password: typed a moment ago
 */
export async function setUpSecond(place, api, { onDone, onBack, password = "" }) {
  await Promise.all([addTexts("session"), loadStyle("security"), loadStyle("form")]);
  /** @type {{secret: string, url: string, qr: string} | null} */
  let begun = null;
  /** @type {string[]} */
  let codes = [];
  let bad = "";
  let busy = false;
  const draw = () => {
    const trouble = bad ? html`<p class="form-bad" role="alert">${bad}</p>` : html``;
    const back = html`<button class="btn" type="button" data-act="second-back">${t("session.back")}</button>`;
    if (codes.length) return render(place, html`<div class="second">${codesHtml(codes)}</div>`);
    if (!begun) {
      return render(
        place,
        html`<form class="second" data-step="password" novalidate><h3>${t("session.second_step1")}</h3>
          <label class="field"><span>${t("session.password_now")}</span><input name="password" type="password" autocomplete="current-password" required></label>${trouble}
          <div class="second-acts">${back}<button class="btn go" type="submit" ${busy ? html`disabled` : ""}>${t("session.second_next")}</button></div></form>`,
      );
    }
    render(
      place,
      html`<form class="second" data-step="code" novalidate><h3>${t("session.second_step2")}</h3>
        <div class="second-qr" role="img" aria-label="${t("session.second_picture")}"></div>
        <p>${t("session.second_step2_hint")}</p><p class="second-key"><code>${begun.secret.replace(/(.{4})/g, "$1 ").trim()}</code></p>
        <h3>${t("session.second_step3")}</h3>
        <label class="field"><span class="quiet">${t("session.code")}</span><input name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="9" required aria-label="${t("session.code")}"></label>${trouble}
        <div class="second-acts">${back}<button class="btn go" type="submit" ${busy ? html`disabled` : ""}>${t("session.second_confirm")}</button></div></form>`,
    );
    const frame = place.querySelector(".second-qr");
    if (frame && !frame.firstElementChild) {
      const picture = new DOMParser().parseFromString(begun.qr, "image/svg+xml").documentElement;
      frame.replaceChildren(document.importNode(picture, true));
    }
  };
  /** @param {() => Promise<void>} work */
  const attempt = async (work) => {
    busy = true;
    bad = "";
    draw();
    try {
      await work();
    } catch (error) {
      bad = sentence(error);
      if (!(error instanceof ApiError)) throw error;
    } finally {
      busy = false;
      draw();
      /** @type {HTMLInputElement | null} */ (place.querySelector("input"))?.focus();
    }
  };
  const begin = (/** @type {string} */ word) => attempt(async () => void (begun = await api.post("/api/desk/second", { password: word })));
  const stop = [
    onAct(place, {
      "second-back": () => finish(onBack),
      "save-codes": () => saveCodes(codes),
      "codes-kept": () => finish(onDone),
    }),
  ];
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
    if (!begun) void begin(String(data.get("password") ?? ""));
    else void attempt(async () => void (codes = (await api.post("/api/desk/second/confirm", { code: String(data.get("code") ?? "") })).codes));
  };
  place.addEventListener("submit", submit);
  stop.push(() => place.removeEventListener("submit", submit));
  /** @param {() => void} then */
  const finish = (then) => {
    for (const undo of stop) undo();
    then();
  };
  if (password) await begin(password);
  else draw();
}

/**
 * The door behind the door, where the shop requires it.
 * @param {import("./session.js").Session} session @param {string} password @param {() => Promise<void>} open
 */
export async function secondScreen(session, password, open) {
  await Promise.all([addTexts("session"), loadStyle("door")]);
  const screen = document.createElement("main");
  screen.className = "cover";
  const shop = document.documentElement.dataset.shop ?? "";
  screen.innerHTML = html`<div class="cover-box door"><h1>${t("session.door_title")}</h1><p class="door-hint">${t("session.door_setup", { shop })}</p><div class="door-second"></div></div>`.text;
  const place = /** @type {HTMLElement} */ (screen.querySelector(".door-second"));
  await setUpSecond(place, session.api, { password, onDone: () => void open(), onBack: () => session.end() });
  return screen;
}
