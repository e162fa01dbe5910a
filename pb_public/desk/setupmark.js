/** Reminds the owner, in a quiet place, of a set-up that is not done. */

/** @param {import("./app.js").Desk} desk @returns {() => void} what ends it */
export function watchSetup(desk) {
  const look = async () => {
    try {
      const { wanted, done, of } = await desk.api.get("/api/desk/setup?brief=1");
      desk.store.setup = wanted ? { done, of } : null;
      desk.store.emit("me");
    } catch {
      // The next start of the desk asks again.
    }
  };
  void look();
  return () => {};
}
