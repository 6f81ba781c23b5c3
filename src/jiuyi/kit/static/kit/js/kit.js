// Looks for what a page needs and loads only that. Every page works without any of it.
const parts = [
  ["[data-speak]", "./speak.js"],
  ["[data-countdown]", "./countdown.js"],
  ["[data-scan], [data-errors], [data-key]", "./focus.js"],
  ["[data-confirm], form[method=post]", "./confirm.js"],
  ["[data-print]", "./print.js"],
  ["[data-live], [data-clock]", "./live.js"],
];

export function enhance(root) {
  for (const [selector, address] of parts) {
    const found = [...root.querySelectorAll(selector)];
    if (root instanceof Element && root.matches(selector)) found.unshift(root);
    const fresh = found.filter((element) => !element.dataset.enhanced);
    if (!fresh.length) continue;
    for (const element of fresh) element.dataset.enhanced = "yes";
    import(address).then((part) => fresh.forEach((element) => part.enhance(element)));
  }
}

enhance(document);
// htmx (and live.js) announce new content with this event.
document.addEventListener("htmx:load", (event) => enhance(event.detail?.elt || event.target));
