// Answers one address by asking the origin for another.
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (url.pathname !== '/by-worker') return;
  event.respondWith((async () => {
    const answer = await fetch('/echo' + url.search, { headers: { 'x-by': 'worker' } });
    return new Response('worker:' + (await answer.json()).query);
  })());
});
