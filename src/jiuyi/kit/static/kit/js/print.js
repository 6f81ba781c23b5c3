// The print button shows itself only where a press does something.
export function enhance(button) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
