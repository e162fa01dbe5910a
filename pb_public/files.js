/** Chosen files of a form: listed, taken back, dropped and pasted. */

/** Puts a sentence under a field, or takes it away. @param {HTMLElement} field @param {string} words */
export function say(field, words) {
  const fault = document.getElementById(`${field.id}-error`);
  if (fault) fault.textContent = words;
  if (words) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}

/** @param {HTMLFormElement} form */
export function listFiles(form) {
  const input = /** @type {HTMLInputElement} */ (form.elements.namedItem("files"));
  const list = /** @type {HTMLElement} */ (form.querySelector(".chosen"));
  const pick = /** @type {HTMLElement} */ (form.querySelector(".pick"));
  const most = Number(form.dataset.maxFiles);
  const limit = Number(form.dataset.maxBytes);
  /** @type {File[]} */
  let chosen = [];
  document.documentElement.classList.add("js");

  const show = () => {
    const transfer = new DataTransfer();
    for (const file of chosen) transfer.items.add(file);
    input.files = transfer.files;
    list.replaceChildren(...chosen.map((file) => row(file)));
  };

  /** @param {File} file */
  const row = (file) => {
    const item = document.createElement("li");
    const name = document.createElement("span");
    const weight = document.createElement("small");
    const remove = document.createElement("button");
    name.textContent = file.name;
    weight.textContent = size(file.size, form);
    remove.type = "button";
    remove.setAttribute("aria-label", `${form.dataset.remove}: ${file.name}`);
    remove.append(cross());
    remove.addEventListener("click", () => {
      chosen = chosen.filter((other) => other !== file);
      say(input, "");
      show();
      input.focus();
    });
    item.append(name, weight, remove);
    return item;
  };

  /** @param {Iterable<File>} files */
  const add = (files) => {
    let fault = "";
    for (const file of files) {
      if (chosen.some((other) => other.name === file.name && other.size === file.size && other.lastModified === file.lastModified)) continue;
      if (file.size > limit) fault = (form.dataset.big ?? "").replace("{name}", file.name);
      else if (chosen.length >= most) fault = form.dataset.many ?? "";
      else chosen.push(file);
    }
    show();
    say(input, fault);
  };

  input.addEventListener("change", () => add(Array.from(input.files ?? [])));
  for (const kind of ["dragenter", "dragover"]) {
    pick.addEventListener(kind, (event) => {
      event.preventDefault();
      pick.classList.add("over");
    });
  }
  pick.addEventListener("dragleave", () => pick.classList.remove("over"));
  pick.addEventListener("drop", (event) => {
    event.preventDefault();
    pick.classList.remove("over");
    add(Array.from(event.dataTransfer?.files ?? []));
  });
  form.addEventListener("paste", (event) => {
    const files = Array.from(event.clipboardData?.files ?? []);
    if (files.length) {
      event.preventDefault();
      add(files);
    }
  });
}

function cross() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("class", "icon");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", "M5.500 5.500l9 9M14.500 5.500l-9 9");
  svg.append(path);
  return svg;
}

/** A file's size in the page's language. @param {number} bytes @param {HTMLElement} form */
function size(bytes, form) {
  const mega = bytes >= 1024 * 1024;
  const n = mega ? bytes / 1024 / 1024 : Math.max(1, bytes / 1024);
  const lang = document.documentElement.lang;
  const number = new Intl.NumberFormat(lang === "bn" ? "bn-BD" : lang, { maximumFractionDigits: mega && n < 10 ? 1 : 0 }).format(n);
  return ((mega ? form.dataset.mb : form.dataset.kb) ?? "{n}").replace("{n}", number);
}
