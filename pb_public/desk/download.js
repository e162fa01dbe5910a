/** Files that only a signed-in agent gets: a plain link cannot carry the token. */
import { ApiError, sentence } from "../shared/api.js";
import { t } from "../shared/i18n.js";

/** @param {import("./app.js").Desk} desk @param {string} path @param {string} name */
export async function download(desk, path, name) {
  try {
    const answer = await fetch(path, { headers: { Authorization: desk.session.token } }).catch(() => null);
    if (!answer) throw new ApiError(t("common.error_network"), 0);
    if (!answer.ok) throw new ApiError((await answer.json().catch(() => null))?.message || t("common.error_unknown"), answer.status);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await answer.blob());
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  } catch (error) {
    desk.toast(sentence(error), { bad: true });
  }
}
