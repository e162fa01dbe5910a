/** Who is typing where, for as long as nothing newer is said of them. */

/** @typedef {import("./store.js").Store} Store */

const TYPING_FOR = 6_000;

/** @param {Store} store @param {{conversation: string, on: boolean, by: string, id: string, name: string, what: string}} sign */
export function typing(store, sign) {
  if (sign.id === store.me.id) return;
  store.typing = store.typing.filter((other) => other.conversation !== sign.conversation || other.by !== sign.by || other.id !== sign.id);
  if (sign.on) {
    store.typing.push({ ...sign, until: Date.now() + TYPING_FOR });
    setTimeout(() => {
      const before = store.typing.length;
      store.typing = store.typing.filter((other) => other.until > Date.now());
      if (store.typing.length !== before) store.emit("signs");
    }, TYPING_FOR + 50);
  }
  store.emit("signs");
}
