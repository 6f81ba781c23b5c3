// The time that is left, counted from what the server said, so a wrong clock in the phone does no harm.
const WARNING_SECONDS = 60;

export function enhance(element) {
  const start = performance.now();
  const total = Number(element.dataset.countdown);
  const voice = element.parentElement.querySelector("[data-countdown-voice]");
  let warned = false;
  const show = () => {
    const left = Math.max(0, Math.ceil(total - (performance.now() - start) / 1000));
    element.textContent = left === 0 ? element.dataset.over
      : element.dataset.left.replace("{minutes}", Math.floor(left / 60)).replace("{seconds}", String(left % 60).padStart(2, "0"));
    if (left <= WARNING_SECONDS && !warned) {
      warned = true;
      element.classList.add("countdown-near");
      if (voice) voice.textContent = element.dataset.warning;
    }
    if (left === 0) {
      clearInterval(timer);
      if (voice) voice.textContent = element.dataset.over;
    }
  };
  const timer = setInterval(show, 1000);
  show();
}
