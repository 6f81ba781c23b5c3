// The wall's stream. While it runs, nothing is polled; when it cannot be had, the kit's polling takes over until it is back.
const SILENT_SECONDS = 15;
const main = document.querySelector("[data-stream]");
const stale = document.querySelector("[data-stale]");

if (main && "EventSource" in window) listen();
else if (main) poll();

function listen() {
  let heard = Date.now();
  const stream = new EventSource(main.dataset.stream);
  const fresh = () => {
    heard = Date.now();
    tell(false);
  };
  stream.addEventListener("alive", fresh);
  stream.addEventListener("board", (event) => {
    fresh();
    main.innerHTML = event.data;
  });
  const watch = setInterval(() => {
    const silent = Date.now() - heard > SILENT_SECONDS * 1000;
    if (silent) tell(true);
    // The browser reconnects by itself unless it was told "no"; then only polling is left.
    if (stream.readyState !== EventSource.CLOSED) return;
    clearInterval(watch);
    poll();
  }, 1000);
}

function poll() {
  main.dataset.live = main.dataset.fragment;
  main.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true, detail: { elt: main } }));
}

function tell(isStale) {
  stale.hidden = !isStale;
  main.classList.toggle("stale-content", isStale);
}
