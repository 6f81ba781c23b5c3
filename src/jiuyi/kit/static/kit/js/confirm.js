// One press, one act: a form goes out once. An opened question takes the focus, and Escape closes it.
export function enhance(element) {
  return element.matches("form") ? sendOnce(element) : question(element);
}

function sendOnce(form) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (sent) return event.preventDefault();
    sent = true;
    event.submitter?.setAttribute("aria-busy", "true");
    // htmx forms stay on the page; a page that is shown again from memory may be sent again.
    const again = () => { sent = false; event.submitter?.removeAttribute("aria-busy"); };
    addEventListener("pageshow", again, { once: true });
    form.addEventListener("htmx:afterRequest", again, { once: true });
    setTimeout(again, 8000);
  });
}

function question(details) {
  const summary = details.querySelector("summary");
  details.addEventListener("toggle", () => {
    if (details.open) details.querySelector(".confirm-body button, .confirm-body a")?.focus();
  });
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    details.open = false;
    summary.focus();
  });
}
