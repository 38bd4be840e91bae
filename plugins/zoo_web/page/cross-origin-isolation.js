// Browsers give threads only to pages whose server says that they are isolated from others (COOP and COEP headers).
// Where it does not, a service worker that adds the headers is installed and the page loaded once more.

const TRIED = "zoo-isolation";
const TIMEOUT = 3000;

/** Resolves when there is nothing to be done any more; never, if the page is about to be loaded again. */
export async function isolated() {
  if (crossOriginIsolated || !isSecureContext || !navigator.serviceWorker) return;
  if (sessionStorage.getItem(TRIED)) return;
  sessionStorage.setItem(TRIED, "1");
  try {
    await navigator.serviceWorker.register("service-worker.js");
    const ready = await Promise.race([
      navigator.serviceWorker.ready,
      new Promise((resolve) => setTimeout(resolve, TIMEOUT)),
    ]);
    if (!ready) return;
  } catch {
    return; // one thread is enough
  }
  location.reload();
  await new Promise(() => {});
}
