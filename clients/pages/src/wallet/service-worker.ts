/**
 * Brings the page when there is no network: its own files, and the network that it was for. Pages come from the server
 * first, so that a new version is never behind an old one; the version's name changes with any byte of any file.
 */
declare const FILES: readonly string[];
declare const VERSION: string;

const worker = self as unknown as ServiceWorkerGlobalScope;
const CACHE = `hospes-wallet-${VERSION}`;
const NETWORK = "/network.json";

worker.addEventListener("install", (event) => {
  const paths = ["/", ...FILES.map((file) => `/${file}`), NETWORK];
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(paths.map((path) => new Request(path, { cache: "reload" }))))
      .then(() => worker.skipWaiting()),
  );
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))))
      .then(() => worker.clients.claim()),
  );
});

worker.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== worker.location.origin || event.request.method !== "GET") return;
  const path = event.request.mode === "navigate" ? "/" : url.pathname;
  if (path === "/" || path === NETWORK) event.respondWith(freshOrKept(event.request, path));
  else if (FILES.includes(path.slice(1))) event.respondWith(keptOrFresh(event.request, path));
});

async function freshOrKept(request: Request, path: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(path, response.clone());
    return response;
  } catch (error) {
    const kept = await cache.match(path);
    if (kept) return kept;
    throw error;
  }
}

async function keptOrFresh(request: Request, path: string): Promise<Response> {
  return (await (await caches.open(CACHE)).match(path)) ?? fetch(request);
}
