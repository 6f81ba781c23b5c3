// Content that renews itself: data-live="address" data-every="seconds". It keeps trying when the line is down, and says so.
// data-clock is a wall clock that is right by the server's time.
const SLOWEST_SECONDS = 60;

export function enhance(element) {
  return "clock" in element.dataset ? tick(element) : renew(element);
}

function renew(element) {
  const every = Number(element.dataset.every || 10);
  const stale = document.querySelector("[data-stale]");
  let failures = 0;
  let shown = null;
  const next = () => setTimeout(fetchOnce, 1000 * Math.min(SLOWEST_SECONDS, every * 2 ** Math.min(failures, 3)));
  const tell = (isStale) => {
    if (stale) stale.hidden = !isStale;
    element.classList.toggle("stale-content", isStale);
  };
  async function fetchOnce() {
    if (!element.isConnected) return;
    if (document.hidden) return next();
    try {
      const abort = new AbortController();
      const limit = setTimeout(() => abort.abort(), 1000 * Math.max(5, every));
      const answer = await fetch(element.dataset.live, { headers: { "X-Live": "1" }, signal: abort.signal, cache: "no-store" });
      const text = await answer.text();
      clearTimeout(limit);
      if (answer.redirected || !answer.ok) throw new Error(String(answer.status));
      failures = 0;
      tell(false);
      if (text !== shown && replace(element, text)) shown = text;
    } catch {
      failures += 1;
      if (failures > 1) tell(true);
    }
    next();
  }
  addEventListener("online", () => { failures = 0; });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) failures = 0; });
  next();
}

function replace(element, html) {
  // Never take away what somebody is about to press.
  if (element.contains(document.activeElement) && document.activeElement !== element) return false;
  element.innerHTML = html;
  element.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true, detail: { elt: element } }));
  return true;
}

function tick(element) {
  const server = Date.parse(element.dataset.now || "");
  const difference = Number.isNaN(server) ? 0 : server - Date.now();
  const show = () => {
    element.textContent = new Date(Date.now() + difference).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });
  };
  show();
  setInterval(show, 1000);
}
