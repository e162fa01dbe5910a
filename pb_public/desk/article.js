/** One article being written: text, what belongs to it, its history, and the same in another language beside it. */
import { sentence, withQuery } from "../shared/api.js";
import { age, full } from "../shared/format.js";
import { html, icon, onAct, render } from "../shared/html.js";
import { currentLanguage, LANGUAGES, t } from "../shared/i18n.js";
import { inMyLanguage, openArea } from "./articles.js";
import { wordDiff } from "./diff.js";
import { openSheet, waitLines } from "./sheet.js";

/**
 * @typedef {import("./articles.js").Row} Row
 * @typedef {{name: string, src: string, url: string}} Stored
 * @typedef {{title: string, summary: string, body: string, markdown: string, by?: string, at?: string}} Edit
 * @typedef {Row & {body: string, markdown: string, cover: Stored | null, video: string, video_file: Stored | null, files: Stored[], related: Row[], edit: Edit | null,
 *   translations: Row[], reasons: {reason: string, comment: string, created: string}[]}} Article
 * @typedef {{id: string, title: string, summary: string, text: string, by: string, created: string}} Version
 */

const EDITOR = "/_/libs/tinymce/tinymce.min.js";

/** The editor that the server has for its own dashboard. @returns {Promise<any>} */
function loadEditor() {
  const there = /** @type {any} */ (window).tinymce;
  if (there) return Promise.resolve(there);
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = EDITOR;
    script.onload = () => resolve(/** @type {any} */ (window).tinymce);
    script.onerror = () => reject(new Error("no editor"));
    document.head.append(script);
  });
}

/** An address as people read it. @param {string} address */
function legible(address) {
  try {
    return decodeURI(address);
  } catch {
    return address;
  }
}

/** A page that shows a text as customers will see it. @param {string} body @param {string} lang */
function paper(body, lang) {
  return `<!doctype html><html lang="${lang}"><meta charset="utf-8"><link rel="stylesheet" href="/shared/tokens.css"><link rel="stylesheet" href="/shared/base.css"><link rel="stylesheet" href="/help.css"><body style="padding:20px;background:var(--panel)"><div class="prose" lang="${lang}">${body}</div>`;
}

/**
 * @param {import("./app.js").Desk} desk @param {string} id "" for a new one
 * @param {{fresh?: {title?: string, language?: string}, categories: import("./articles.js").Category[], done: () => unknown}} options
 */
export async function openArticle(desk, id, { fresh, categories, done }) {
  const { api } = desk;
  const { area, close: shut } = await openArea(desk, t("deskmore.article"), () => editor?.remove());
  area.classList.add("is-article");
  /** @type {any} */
  let editor = null;
  /** @type {Article} */
  let article = /** @type {any} */ (null);
  /** @type {Edit} */
  let text = { title: "", summary: "", body: "", markdown: "" };
  let rich = true;
  let dirty = false;
  let saving = /** @type {Promise<boolean>} */ (Promise.resolve(true));
  let timer = 0;
  let seen = "";

  render(area, waitLines(8));
  try {
    article = (await (id ? api.get(`/api/desk/articles/${id}`) : api.post("/api/desk/articles", { title: fresh?.title, language: fresh?.language }))).article;
  } catch (error) {
    desk.toast(sentence(error), { bad: true });
    shut();
    return;
  }

  const state = (/** @type {string} */ words, bad = false) => {
    const place = area.querySelector(".article-state");
    if (place) place.textContent = words;
    place?.classList.toggle("is-bad", bad);
  };
  const body = () => (rich ? (editor ? editor.getContent() : text.body) : "");
  const gather = () => {
    const field = (/** @type {string} */ name) => /** @type {HTMLInputElement | HTMLTextAreaElement | null} */ (area.querySelector(`[name=${name}]`))?.value ?? "";
    text = { title: field("title"), summary: field("summary"), body: body(), markdown: rich ? "" : field("markdown") };
    return text;
  };
  /** Sends a change; what is typed goes with it. @param {Record<string, unknown>} change */
  const send = async (change) => {
    try {
      article = (await api.patch(`/api/desk/articles/${article.id}`, { seen, ...change })).article;
      seen = article.edit?.at ?? "";
      return true;
    } catch (error) {
      state(sentence(error), true);
      desk.toast(sentence(error), { bad: true });
      return false;
    }
  };
  const keep = () => {
    clearTimeout(timer);
    if (!dirty) return saving;
    dirty = false;
    state(t("deskmore.article_saving"));
    saving = saving.then(() => send({ edit: gather() })).then((good) => {
      if (good) state(t("deskmore.article_kept"));
      else dirty = true;
      return good;
    });
    return saving;
  };
  const typed = () => {
    dirty = true;
    state(t("deskmore.article_typing"));
    clearTimeout(timer);
    timer = window.setTimeout(() => void keep(), 1_500);
  };
  const close = async () => {
    if (!(await keep())) return;
    shut();
    await done();
  };

  const begin = () => {
    const edit = article.edit;
    text = { title: edit?.title ?? article.title, summary: edit?.summary ?? article.summary, body: edit?.body || article.body, markdown: edit ? edit.markdown : article.markdown };
    seen = edit?.at ?? "";
    rich = !text.markdown;
  };

  const side = () => html`
    <section><h3>${t("deskmore.article_where")}</h3>
      <label class="field"><span>${t("deskmore.article_category")}</span><select name="category"><option value="">${t("deskmore.articles_no_category")}</option>${categories.map((category) => html`<option value="${category.id}" ${category.id === article.category ? html`selected` : ""}>${inMyLanguage(category.titles)}</option>`)}</select></label>
      <label class="field"><span>${t("deskmore.article_slug")}</span><input name="slug" value="${article.slug}" maxlength="100" autocapitalize="none" spellcheck="false"><small>${legible(article.url)}</small></label>
      <label class="switch"><span><b>${t("deskmore.article_internal")}</b><small>${t("deskmore.article_internal_hint")}</small></span><input type="checkbox" role="switch" name="internal" ${article.internal ? html`checked` : ""}></label></section>
    <section><h3>${t("deskmore.article_languages")}</h3>
      <ul class="article-languages">${Object.entries(LANGUAGES).map(([code, label]) => {
        const other = article.translations.find(({ language }) => language === code);
        if (code === article.language) return html`<li><b>${label}</b><span class="mark ${article.status === "published" ? "is-good" : ""}">${t(`deskmore.article_${article.status}`)}</span></li>`;
        return other
          ? html`<li><b>${label}</b><span class="mark ${other.status === "published" ? "is-good" : ""}">${t(`deskmore.article_${other.status}`)}</span><button class="link" type="button" data-act="beside" data-id="${other.id}">${t("deskmore.article_beside")}</button><button class="link" type="button" data-act="go" data-id="${other.id}">${t("desk.show")}</button></li>`
          : html`<li><b>${label}</b><button class="btn" type="button" data-act="translate" data-lang="${code}">${t("deskmore.article_translate")}</button></li>`;
      })}</ul></section>
    <section><h3>${t("deskmore.article_media")}</h3>
      ${article.cover ? html`<div class="article-cover"><img src="${article.cover.url}" alt=""><button class="btn" type="button" data-act="uncover">${t("deskmore.article_cover_remove")}</button></div>` : html`<label class="btn">${icon("image", "s")}${t("deskmore.article_cover")}<input type="file" name="cover" accept="image/png,image/jpeg,image/webp" hidden></label>`}
      <label class="field"><span>${t("deskmore.article_video")}</span><input name="video" value="${article.video}" inputmode="url" placeholder="https://youtu.be/…"></label>
      ${article.video_file ? html`<ul class="article-files"><li><a href="${article.video_file.url}" target="_blank" rel="noopener">${article.video_file.name}</a><button class="tool" type="button" data-act="unfilm" aria-label="${t("deskmore.article_film_remove")}">${icon("close", "s")}</button></li></ul>` : html`<label class="btn">${icon("clip", "s")}${t("deskmore.article_film")}<input type="file" name="video_file" accept="video/mp4,video/webm" hidden></label>`}
      <label class="btn">${icon("clip", "s")}${t("deskmore.article_file")}<input type="file" name="file" hidden></label>
      ${article.files.length ? html`<ul class="article-files">${article.files.map((file) => html`<li><a href="${file.url}" target="_blank" rel="noopener">${file.name}</a></li>`)}</ul>` : ""}</section>
    <section><h3>${t("deskmore.article_related")}</h3>
      <ul class="article-related">${article.related.map((other) => html`<li><span>${other.title}</span><button class="tool" type="button" data-act="unrelate" data-id="${other.id}" aria-label="${t("deskmore.article_unrelate", { title: other.title })}">${icon("close", "s")}</button></li>`)}</ul>
      <label class="field"><span class="quiet">${t("deskmore.article_relate")}</span><input name="relate" type="search" placeholder="${t("deskmore.article_relate")}" autocomplete="off"></label><div class="relate-found"></div></section>
    ${article.reasons.length ? html`<section><h3>${t("deskmore.article_reasons")}</h3><ul class="article-reasons">${article.reasons.map((reason) => html`<li><b>${reason.reason ? t(`deskmore.reason_${reason.reason}`) : ""}</b> ${reason.comment} <time title="${full(reason.created)}">${age(reason.created)}</time></li>`)}</ul></section>` : ""}
    ${desk.store.me.role === "owner" ? html`<button class="btn" type="button" data-act="delete">${t("deskmore.article_delete")}</button>` : ""}`;

  const drawSide = () => {
    render(/** @type {HTMLElement} */ (area.querySelector(".article-side")), side());
    render(/** @type {HTMLElement} */ (area.querySelector(".article-acts")), acts());
  };
  const acts = () => html`<button class="btn" type="button" data-act="look">${icon("eye", "s")}<span>${t("deskmore.article_look")}</span></button><button class="btn" type="button" data-act="history">${icon("clock", "s")}<span>${t("deskmore.article_history")}</span></button>
    ${article.status === "published" ? html`<button class="btn" type="button" data-act="unpublish">${t("deskmore.article_do_unpublish")}</button>` : ""}<button class="btn go" type="button" data-act="publish">${article.status === "published" ? t("deskmore.article_publish_changes") : t("deskmore.article_do_publish")}</button>`;

  const drawText = async () => {
    editor?.remove();
    editor = null;
    const place = /** @type {HTMLElement} */ (area.querySelector(".article-text"));
    place.innerHTML = html`<div class="segment article-way"><div>${[["rich", true], ["markdown", false]].map(([name, on]) => html`<label><input type="radio" name="way" value="${String(name)}" ${rich === on ? html`checked` : ""}><span>${t(`deskmore.article_${name}`)}</span></label>`)}</div></div>
      ${rich ? html`<textarea class="article-rich" aria-label="${t("deskmore.article_rich")}"></textarea>` : html`<div class="article-markdown"><textarea name="markdown" lang="${article.language}" dir="auto" aria-label="Markdown" spellcheck="true">${text.markdown}</textarea><iframe class="article-paper" title="${t("deskmore.article_look")}" sandbox="allow-same-origin"></iframe></div>`}`.text;
    if (!rich) return look();
    const box = /** @type {HTMLTextAreaElement} */ (place.querySelector(".article-rich"));
    box.value = text.body;
    try {
      const tinymce = await loadEditor();
      [editor] = await tinymce.init({
        target: box, base_url: "/_/libs/tinymce", suffix: ".min", license_key: "gpl", promotion: false, branding: false, menubar: false, statusbar: false,
        content_css: ["/shared/tokens.css", "/shared/base.css", "/help.css"], body_class: "prose", content_style: "body { padding: 16px; background: var(--panel) }",
        plugins: "autolink lists link image table autoresize", min_height: 420, autoresize_bottom_margin: 24, autoresize_overflow_padding: 16, directionality: "ltr",
        toolbar: "blocks bold italic | bullist numlist blockquote | link image table | undo redo removeformat",
        block_formats: `${t("deskmore.block_text")}=p; ${t("deskmore.block_heading")}=h2; ${t("deskmore.block_subheading")}=h3`,
        valid_elements: "p,br,h2,h3,h4,ul,ol[start],li,strong/b,em/i,u,s,blockquote,pre,code,a[href],img[src|alt|width|height],table,thead,tbody,tr,th[colspan|rowspan],td[colspan|rowspan],hr,figure,figcaption,details,summary",
        relative_urls: false, convert_urls: false, browser_spellcheck: true, contextmenu: false, paste_data_images: true, automatic_uploads: true,
        images_upload_handler: async (/** @type {any} */ blob) => (await upload("file", blob.blob(), blob.filename())).url,
        setup: (/** @type {any} */ made) => {
          made.on("input change undo redo", typed);
          made.on("init", () => made.getBody().setAttribute("lang", article.language));
        },
      });
    } catch {
      desk.toast(t("deskmore.article_no_editor"), { bad: true });
      text.markdown = text.markdown || " ";
      rich = false;
      await drawText();
    }
  };
  /** @param {string} field @param {Blob} blob @param {string} name */
  const upload = async (field, blob, name) => {
    const form = new FormData();
    form.append(field, blob, name);
    return (await api.post(`/api/desk/articles/${article.id}/files`, form)).file;
  };
  const look = async () => {
    const frame = /** @type {HTMLIFrameElement | null} */ (area.querySelector(".article-paper"));
    const shown = gather();
    try {
      const { html: made } = await api.post("/api/desk/articles/preview", rich ? { body: shown.body } : { markdown: shown.markdown });
      if (frame?.isConnected) frame.srcdoc = paper(made, article.language);
      return /** @type {string} */ (made);
    } catch (error) {
      desk.toast(sentence(error), { bad: true });
      return "";
    }
  };

  const draw = async () => {
    area.innerHTML = html`<header class="area-head"><button class="tool" type="button" data-act="close" aria-label="${t("common.close")}">${icon("back")}</button><span class="mark">${LANGUAGES[article.language] ?? article.language}</span><span class="article-state" role="status">${article.edit ? t("deskmore.article_kept") : ""}</span><span class="article-acts"></span></header>
      <div class="article-panes"><div class="article-beside" hidden></div><div class="article-main">
        <input class="article-title" name="title" value="${text.title}" lang="${article.language}" dir="auto" maxlength="160" placeholder="${t("deskmore.article_title")}" aria-label="${t("deskmore.article_title")}">
        <div class="article-text"></div>
        <label class="field"><span>${t("deskmore.article_summary")}</span><textarea name="summary" rows="2" lang="${article.language}" dir="auto" maxlength="320">${text.summary}</textarea><small>${t("deskmore.article_summary_hint")}</small></label></div>
      <aside class="article-side"></aside></div>`.text;
    drawSide();
    await drawText();
  };

  area.addEventListener("input", (event) => {
    const field = event.target;
    if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) return;
    if (["title", "summary", "markdown"].includes(field.name)) typed();
    if (field.name === "markdown") {
      clearTimeout(Number(field.dataset.wait));
      field.dataset.wait = String(window.setTimeout(look, 400));
    }
    if (field.name === "relate") void relate(field.value);
  });
  /** @param {string} q */
  const relate = async (q) => {
    const place = /** @type {HTMLElement} */ (area.querySelector(".relate-found"));
    if (q.trim().length < 2) return render(place, html``);
    const { articles } = await api.get(withQuery("/api/desk/articles", { pick: 1, q, language: article.language, internal: article.internal ? "1" : "0" }));
    render(place, html`${articles.filter((/** @type {Row} */ other) => other.id !== article.id).map((/** @type {Row} */ other) => html`<button class="menu-item" type="button" data-act="relate" data-id="${other.id}">${other.title}</button>`)}`);
  };
  area.addEventListener("change", async (event) => {
    const field = event.target;
    if (field instanceof HTMLInputElement && field.name === "way") {
      const shown = gather();
      const wanted = field.value === "rich";
      if (!wanted && rich) text.markdown = shown.body || " ";
      if (wanted && !rich) {
        const made = await look();
        text.body = made;
      }
      rich = wanted;
      typed();
      return drawText();
    }
    if (field instanceof HTMLInputElement && field.type === "file" && field.files?.[0]) {
      try {
        const stored = await upload(field.name, field.files[0], field.files[0].name);
        if (field.name === "file") {
          const picture = /^image\//.test(field.files[0].type);
          const code = picture ? html`<img src="${stored.url}" alt="" width="${stored.width}" height="${stored.height}">` : html`<a href="${stored.src}">${stored.name}</a>`;
          if (editor) editor.insertContent(code.text);
          else {
            const box = /** @type {HTMLTextAreaElement} */ (area.querySelector("[name=markdown]"));
            box.setRangeText(picture ? `![](${stored.src})` : `[${stored.name}](${stored.src})`, box.selectionStart, box.selectionEnd, "end");
          }
          typed();
        }
        article = (await api.get(`/api/desk/articles/${article.id}`)).article;
        drawSide();
      } catch (error) {
        desk.toast(sentence(error), { bad: true });
      }
      return;
    }
    if (field instanceof HTMLInputElement && field.name === "internal") await send({ internal: field.checked });
    else if (field instanceof HTMLInputElement && (field.name === "slug" || field.name === "video")) await send({ [field.name]: field.value.trim() });
    else if (field instanceof HTMLSelectElement && field.name === "category") await send({ category: field.value });
    else return;
    drawSide();
  });
  area.addEventListener("keydown", (event) => {
    if (event.key === "s" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void keep();
    } else if (event.key === "Escape" && !event.defaultPrevented) void close();
  });

  const history = async () => {
    const { sheet, close: shutSheet } = openSheet("versions", t("deskmore.article_history"), html`<div class="sheet-body">${waitLines(4)}</div>`);
    const place = /** @type {HTMLElement} */ (sheet.querySelector(".sheet-body"));
    try {
      /** @type {{versions: Version[]}} */
      const { versions } = await api.get(`/api/desk/articles/${article.id}/versions`);
      render(place, html`<ol class="version-list">${versions.map((version, i) => {
        const before = versions[i + 1];
        const parts = wordDiff(before ? `${before.title}\n${before.text}` : "", `${version.title}\n${version.text}`);
        return html`<li><details ${i === 0 ? html`open` : ""}><summary><b>${desk.store.agentName(version.by) || t("deskmore.version_somebody")}</b><time title="${full(version.created)}">${age(version.created)}</time></summary><p class="diff" dir="auto">${parts.map(({ kind, text: words }) => (kind === "same" ? words : kind === "new" ? html`<ins>${words}</ins>` : html`<del>${words}</del>`))}</p>${i > 0 ? html`<button class="btn" type="button" data-act="restore" data-id="${version.id}">${t("deskmore.version_restore")}</button>` : ""}</details></li>`;
      })}</ol>`);
    } catch (error) {
      render(place, html`<p class="form-bad">${sentence(error)}</p>`);
    }
    onAct(sheet, {
      restore: async (target) => {
        try {
          article = (await api.post(`/api/desk/articles/${article.id}/versions/${target.dataset.id}`)).article;
          begin();
          shutSheet();
          await draw();
          desk.toast(t("deskmore.version_restored"));
        } catch (error) {
          desk.toast(sentence(error), { bad: true });
        }
      },
    });
  };
  /** Shows the text of another language beside this one. @param {string} other */
  const beside = async (other) => {
    const place = /** @type {HTMLElement} */ (area.querySelector(".article-beside"));
    if (!place.hidden) {
      place.hidden = true;
      return;
    }
    const { article: shown } = await api.get(`/api/desk/articles/${other}`);
    place.hidden = false;
    place.innerHTML = html`<p class="article-title" lang="${shown.language}">${shown.title}</p><iframe class="article-paper" title="${shown.title}" sandbox="allow-same-origin"></iframe>`.text;
    /** @type {HTMLIFrameElement} */ (place.querySelector("iframe")).srcdoc = paper(shown.body, shown.language);
  };
  /** Goes on with another article. @param {string} next */
  const go = async (next) => {
    if (!(await keep())) return;
    article = (await api.get(`/api/desk/articles/${next}`)).article;
    begin();
    await draw();
  };
  onAct(area, {
    close: () => void close(),
    publish: async () => {
      clearTimeout(timer);
      await saving;
      dirty = false;
      const was = article.status;
      if (!(await send({ edit: gather(), do: "publish" }))) return;
      drawSide();
      state(t("deskmore.article_published_now"));
      desk.toast(t("deskmore.article_published_now"), was === "published" ? {} : { act: t("common.undo"), run: () => void send({ do: "unpublish" }).then(() => area.isConnected && drawSide()) });
    },
    unpublish: async () => {
      if (await send({ do: "unpublish" })) {
        drawSide();
        desk.toast(t("deskmore.article_unpublished"), { act: t("common.undo"), run: () => void send({ do: "publish" }).then(() => area.isConnected && drawSide()) });
      }
    },
    look: async () => {
      const { sheet } = openSheet("article-look", t("deskmore.article_look"), html`<iframe class="article-paper" title="${t("deskmore.article_look")}" sandbox="allow-same-origin"></iframe>`);
      const made = await look();
      /** @type {HTMLIFrameElement} */ (sheet.querySelector("iframe")).srcdoc = paper(html`<h1>${text.title}</h1>`.text + made, article.language);
    },
    history: () => void keep().then(history),
    beside: (target) => void beside(target.dataset.id ?? ""),
    go: (target) => void go(target.dataset.id ?? ""),
    translate: async (target) => {
      if (!(await keep())) return;
      try {
        const made = (await api.post("/api/desk/articles", { group: article.group, language: target.dataset.lang, title: article.title })).article;
        const from = article.id;
        await go(made.id);
        await beside(from);
      } catch (error) {
        desk.toast(sentence(error), { bad: true });
      }
    },
    relate: (target) => void send({ related: [...article.related.map(({ id: other }) => other), target.dataset.id] }).then(drawSide),
    unrelate: (target) => void send({ related: article.related.map(({ id: other }) => other).filter((other) => other !== target.dataset.id) }).then(drawSide),
    unfilm: () => void send({ video_file: "" }).then(drawSide),
    uncover: () => void send({ cover: "" }).then(drawSide),
    delete: () => {
      const gone = article.id;
      dirty = false;
      shut();
      const timeout = window.setTimeout(() => void api.delete(`/api/desk/articles/${gone}`).then(() => done()).catch((error) => desk.toast(sentence(error), { bad: true })), 6_000);
      desk.toast(t("deskmore.articles_deleted", { n: 1 }), {
        act: t("common.undo"),
        run: () => {
          clearTimeout(timeout);
          void openArticle(desk, gone, { categories, done });
        },
      });
    },
  });
  begin();
  await draw();
  if (!id) /** @type {HTMLElement | null} */ (area.querySelector(".article-title"))?.focus();
}
