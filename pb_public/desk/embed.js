/** For owners: what puts the chat on the shop's own site, and how the site says who its customers are. */
import { sentence } from "../shared/api.js";
import { html, icon, onAct, render } from "../shared/html.js";
import { addTexts, t } from "../shared/i18n.js";
import { blank } from "./parts.js";
import { copyFrom, openSheet, waitLines } from "./sheet.js";

/** How a server signs the id of a customer who is signed in there. The key stays out of it: it belongs into a setting. */
const EXAMPLES = /** @type {const} */ ({
  php: [
    "PHP",
    `$hash = hash_hmac('sha256', $user->id,
  getenv('CHAT_KEY'));
$contact = ['id' => $user->id, 'name' => $user->name,
  'email' => $user->email, 'hash' => $hash];
echo htmlspecialchars(json_encode($contact));`,
  ],
  node: [
    "Node.js",
    `import { createHmac } from "node:crypto";
const hash = createHmac("sha256", process.env.CHAT_KEY)
  .update(user.id).digest("hex");
const contact = JSON.stringify({ id: user.id, name: user.name,
  email: user.email, hash });`,
  ],
  python: [
    "Python",
    `import hashlib, hmac, json, os
key = os.environ["CHAT_KEY"].encode()
hash = hmac.new(key, user.id.encode(), hashlib.sha256).hexdigest()
contact = json.dumps({"id": user.id, "name": user.name,
                      "email": user.email, "hash": hash})`,
  ],
});

/** The line with a customer in it. @param {string} snippet */
export function signedSnippet(snippet) {
  const contact = `{"id":"42","name":"Nusrat Jahan","email":"nusrat@example.com","hash":"…"}`;
  return snippet.replace("<script ", `<script data-contact='${contact}'\n  `);
}

/** @param {string} id @param {string} text @param {string} label */
function code(id, text, label) {
  return html`<div class="code"><pre id="${id}" tabindex="0" role="textbox" aria-readonly="true" aria-label="${label}">${text}</pre><button class="btn" type="button" data-act="copy" data-of="${id}">${icon("copy", "s")}${t("desk.copy")}</button></div>`;
}

/** @param {import("./app.js").Desk} desk */
export async function openEmbed(desk) {
  await addTexts("deskmore");
  const { sheet } = openSheet("embed", t("desk.embed"), html`<div class="sheet-body"></div>`);
  const body = /** @type {HTMLElement} */ (sheet.querySelector(".sheet-body"));
  /** @type {{snippet: string, identity_key: string} | null} */
  let answer = null;
  /** @type {unknown} */
  let failure = null;
  let shown = false;
  /** @type {keyof typeof EXAMPLES} */
  let language = "php";

  const draw = () => {
    if (failure) return render(body, blank("cloud-off", t("deskmore.load_failed"), sentence(failure), html`<button class="btn" type="button" data-act="again">${t("common.retry")}</button>`));
    if (!answer) return render(body, waitLines(3));
    render(
      body,
      html`<p>${t("deskmore.embed_line")}</p>
        ${code("embed-line", answer.snippet, t("desk.embed"))}
        <p class="meta">${t("deskmore.embed_origins")} <a class="link" href="/_/" target="_blank" rel="noopener">${t("desk.admin")}</a></p>
        <hr>
        <h3>${t("deskmore.identity")}</h3>
        <p>${t("deskmore.identity_why")}</p>
        <ol class="steps">
          <li><b>${t("deskmore.identity_key")}</b><p>${t("deskmore.identity_key_hint")}</p>
            <div class="code"><pre id="embed-key" tabindex="0" role="textbox" aria-readonly="true" aria-label="${t("deskmore.identity_key")}">${shown ? answer.identity_key : "•".repeat(32)}</pre><button class="btn" type="button" data-act="show" aria-pressed="${shown ? "true" : "false"}">${icon("eye", "s")}${shown ? t("deskmore.hide") : t("desk.show")}</button><button class="btn" type="button" data-act="copy-key">${icon("copy", "s")}${t("desk.copy")}</button></div></li>
          <li><b>${t("deskmore.identity_sign")}</b><p>${t("deskmore.identity_sign_hint")}</p>
            <fieldset class="segment"><legend class="quiet">${t("deskmore.identity_sign")}</legend><div>${Object.entries(EXAMPLES).map(([id, [label]]) => html`<label><input type="radio" name="example" value="${id}" ${id === language ? html`checked` : ""}><span>${label}</span></label>`)}</div></fieldset>
            ${code("embed-example", EXAMPLES[language][1], EXAMPLES[language][0])}</li>
          <li><b>${t("deskmore.identity_put")}</b><p>${t("deskmore.identity_put_hint")}</p>${code("embed-contact", signedSnippet(answer.snippet), t("deskmore.identity_put"))}</li>
        </ol>`,
    );
  };
  const load = async () => {
    failure = null;
    draw();
    try {
      answer = await desk.api.get("/api/desk/embed");
    } catch (error) {
      failure = error;
    }
    draw();
  };
  sheet.addEventListener("change", (event) => {
    if (!(event.target instanceof HTMLInputElement) || event.target.name !== "example") return;
    language = /** @type {keyof typeof EXAMPLES} */ (event.target.value);
    draw();
  });
  onAct(sheet, {
    again: () => void load(),
    show: () => {
      shown = !shown;
      draw();
    },
    copy: (target) => void copyFrom(desk, sheet.querySelector(`#${target.dataset.of}`)),
    "copy-key": () => void copyFrom(desk, sheet.querySelector("#embed-key"), answer?.identity_key),
  });
  await load();
}
