// Where the typing goes: to the errors after a refusal, to the code field when a scanner types, to a button by its key.
export function enhance(element) {
  if ("errors" in element.dataset) return element.focus();
  if ("scan" in element.dataset) return receiveScanner(element);
  const wanted = element.dataset.key;
  document.addEventListener("keydown", (event) => {
    if (!element.isConnected || event.key !== wanted || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    element.click();
  });
}

function receiveScanner(field) {
  if (!document.querySelector("[data-errors]")) field.focus();
  field.select?.();
  // A scanner types like a keyboard, wherever the focus is: take what comes when nothing else is being filled in.
  document.addEventListener("keydown", (event) => {
    const busy = /^(INPUT|TEXTAREA|SELECT|BUTTON|A|SUMMARY)$/.test(document.activeElement?.tagName || "");
    if (!field.isConnected || busy || event.key.length !== 1 || event.ctrlKey || event.altKey || event.metaKey) return;
    field.value = "";
    field.focus();
  });
}
