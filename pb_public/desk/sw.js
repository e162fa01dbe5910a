/**
 * The desk's service worker: it shows what is pushed, and keeps the desk's files for when there is no line.
 *
 * Files always come from the server as long as it answers, so that after an upgrade nobody sees an old desk. What is kept is
 * one whole version: shell.js names it and its files, and as it is part of this script the browser installs a new worker,
 * with a cache of its own, whenever any file has changed. Requests of the API are never touched.
 */
{
  const worker = /** @type {any} */ (self);
  worker.importScripts("/desk/shell.js");
  /** @type {{version: string, files: string[]}} */
  const { version, files } = worker.SHELL;
  const name = `desk-${version}`;

  /** Keeps a file; a line that fails once is asked again, for without one file nothing is kept. @param {Cache} cache @param {string} file */
  const fetched = async (cache, file) => {
    for (let pause = 1_000; ; pause *= 3) {
      try {
        return await cache.add(new Request(file, { cache: "reload" }));
      } catch (error) {
        if (pause > 10_000) throw error;
        await new Promise((done) => setTimeout(done, pause));
      }
    }
  };

  worker.addEventListener("install", (/** @type {any} */ event) => {
    const keep = async () => {
      const cache = await caches.open(name);
      await Promise.all(files.map((file) => fetched(cache, file)));
      await worker.skipWaiting();
    };
    // What is not ours to keep need not wait for us to say so.
    event.addRoutes?.([{ condition: { urlPattern: new worker.URLPattern({ pathname: "/api/*" }) }, source: "network" }]).catch(() => {});
    event.waitUntil(keep());
  });

  worker.addEventListener("activate", (/** @type {any} */ event) => {
    const tidy = async () => {
      for (const other of await caches.keys()) {
        if (other.startsWith("desk-") && other !== name) await caches.delete(other);
      }
      await worker.clients.claim();
    };
    event.waitUntil(tidy());
  });

  /** @param {Request} request @param {string} kept what stands in for it */
  const serverFirst = async (request, kept) => {
    try {
      return await fetch(request);
    } catch (error) {
      const cache = await caches.open(name);
      const found = await cache.match(kept, { ignoreSearch: true });
      if (found) return found;
      throw error;
    }
  };

  worker.addEventListener("fetch", (/** @type {any} */ event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (request.method !== "GET" || url.origin !== worker.location.origin) return;
    if (request.mode === "navigate") {
      if (url.pathname === "/desk/" || url.pathname === "/desk/index.html") event.respondWith(serverFirst(request, "/desk/"));
    } else if (/^\/(desk|shared|i18n)\//.test(url.pathname) && files.includes(url.pathname)) {
      event.respondWith(serverFirst(request, url.pathname));
    }
  });

  /** @param {number} count */
  const badge = async (count) => {
    if (!worker.navigator.setAppBadge) return;
    await (count > 0 ? worker.navigator.setAppBadge(count) : worker.navigator.clearAppBadge()).catch(() => {});
  };

  worker.addEventListener("push", (/** @type {any} */ event) => {
    /** @type {{title: string, body: string, url: string, tag: string, lang: string, badge: number}} */
    const said = event.data.json();
    event.waitUntil(
      Promise.all([
        worker.registration.showNotification(said.title, {
          body: said.body, tag: said.tag, lang: said.lang, renotify: true, data: { url: said.url },
          icon: "/desk/icon/192.png", badge: "/desk/icon/badge-96.png",
        }),
        badge(said.badge),
      ]),
    );
  });

  worker.addEventListener("notificationclick", (/** @type {any} */ event) => {
    event.notification.close();
    const url = String(event.notification.data?.url ?? "/desk/");
    const open = async () => {
      // The shop's other pages are of the same origin, and one of them may be in front.
      const pages = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
      const desks = pages.filter((/** @type {any} */ client) => new URL(client.url).pathname.startsWith("/desk/"));
      const desk = desks.find((/** @type {any} */ client) => client.focused) ?? desks[0];
      if (!desk) return worker.clients.openWindow(url);
      desk.postMessage({ open: url });
      return desk.focus();
    };
    event.waitUntil(open());
  });
}
