// 读给我听: shows itself only where the device can speak the language of the page.
export function enhance(button) {
  const speech = window.speechSynthesis;
  if (!speech || !window.SpeechSynthesisUtterance) return;
  button.hidden = false;
  const word = button.querySelector("span");
  const read = word.textContent;
  const rest = () => { word.textContent = read; button.setAttribute("aria-pressed", "false"); };
  rest();
  addEventListener("pagehide", () => speech.cancel());
  button.addEventListener("click", () => {
    const speaking = button.getAttribute("aria-pressed") === "true";
    speech.cancel();
    if (speaking) return rest();
    const said = new SpeechSynthesisUtterance(button.dataset.text || textOf(document.getElementById(button.dataset.speak)));
    said.lang = document.documentElement.lang;
    said.rate = 0.9;
    said.onend = said.onerror = rest;
    word.textContent = button.dataset.stop;
    button.setAttribute("aria-pressed", "true");
    speech.speak(said);
  });
}

function textOf(element) {
  const copy = element.cloneNode(true);
  copy.querySelectorAll("button, script, svg, [hidden], .actions").forEach((part) => part.remove());
  return [...copy.querySelectorAll("h1, h2, h3, p, li, dt, dd, label, legend")]
    .filter((part) => !part.querySelector("p, li, dt"))
    .map((part) => part.textContent.trim().replace(/\s+/g, " "))
    .filter(Boolean)
    .join("。");
}
