/** When messages go from one conversation to another: what of them is on screen is shown where it is now. */

/** @typedef {import("./store.js").Store} Store */

/** Fetches a conversation whose messages are other ones now. @param {Store} store @param {string} id */
export async function again(store, id) {
  try {
    const data = await store.api.get(`/api/desk/conversations/${id}`);
    const talk = store.talks.get(data.conversation.id);
    if (talk) talk.messages = [];
    store.opened(data);
    store.emit("talk");
  } catch {
    // It is fetched again when it is next opened.
    store.talks.delete(id);
  }
}

/** Messages were merged into a conversation or split out of it. @param {Store} store @param {import("./types.js").Message} message that tells of it */
export function moved(store, message) {
  for (const id of [message.conversation, message.event?.to ?? ""]) {
    if (id === store.current) void again(store, id);
    else store.talks.delete(id);
  }
}

/** The conversation on screen became part of another: that is shown instead. @param {Store} store @param {string} into */
export async function led(store, into) {
  const from = store.current;
  try {
    const data = await store.api.get(`/api/desk/conversations/${into}`);
    if (store.current !== from) return;
    store.current = data.conversation.id;
    store.wanted = data.conversation.number;
    store.opened(data);
    store.onLed(data.conversation.number);
  } catch {
    return; // it says itself that it is gone when it is asked for again
  }
  store.emit("talk");
  store.emit("list");
}
