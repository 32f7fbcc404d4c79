// The service worker: without a signal it shows the empty page that outbox.js fills. It keeps no page with people in it.
"use strict";
const SHELL = "/offline/", NAME = "shell", PATIENCE = 12000; // milliseconds for the head of a page
const WORKS_ON = /^\/ledgers\/(mine\/|forms\/\d+\/)$/;

const keep = async () => {
  const cache = await caches.open(NAME), page = await fetch(SHELL, { cache: "no-cache" });
  if (!page.ok) throw new Error("no shell");
  const text = await page.clone().text();
  const parts = [...text.matchAll(/(?:href|src|data-pages)="([^"]*\/static\/[^"]*)"/g)].flatMap((found) => found[1].split(" "));
  await cache.put(SHELL, page);
  await cache.addAll([...new Set(parts)]); // the same twice is an error
};
self.addEventListener("install", (event) => { self.skipWaiting(); event.waitUntil(keep()); });
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("message", (event) => { if (event.data === "keep") event.waitUntil(keep().catch(() => {})); });
self.addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  const works = request.mode === "navigate" && WORKS_ON.test(url.pathname);
  if (!works && !url.pathname.startsWith("/static/")) return;
  event.respondWith(fetch(request, works ? { signal: AbortSignal.timeout(PATIENCE) } : {}).catch(async () => (await caches.match(works ? SHELL : request, { ignoreSearch: !works })) || Response.error()));
});
