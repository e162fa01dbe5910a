// A link from the admin UI's header to the desk. The extension point is
// experimental: when it changes, the admin UI must go on without the link.
try {
  globalThis.app.store.headerLinks.push({ href: "/desk/", icon: "ri-chat-3-line", label: "Desk" });
} catch (err) {
  console.warn("No link to the desk:", err);
}
