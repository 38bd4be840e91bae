// A service worker that adds to this page's files the headers with which browsers allow threads.

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("fetch", (event) => {
  const { request } = event;
  if (new URL(request.url).origin !== location.origin || request.method !== "GET") return;
  event.respondWith(
    fetch(request).then((answer) => {
      if (answer.status === 0) return answer; // a redirection, which the browser follows
      const headers = new Headers(answer.headers);
      headers.set("Cross-Origin-Opener-Policy", "same-origin");
      headers.set("Cross-Origin-Embedder-Policy", "require-corp");
      headers.set("Cross-Origin-Resource-Policy", "same-origin");
      return new Response(answer.body, {
        status: answer.status,
        statusText: answer.statusText,
        headers,
      });
    }),
  );
});
