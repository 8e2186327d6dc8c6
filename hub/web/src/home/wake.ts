/** Somebody looks again: a phone woke up, a page came back from the browser's memory, the network is there again. */

/** Is told each time for how many milliseconds nobody looked. */
export function whenLookedAtAgain(then: (away: number) => void): void {
  let left: number | null = null;
  const back = () => {
    if (document.visibilityState !== "visible") return;
    const away = left === null ? 0 : Date.now() - left;
    left = null;
    then(away);
  };
  const leave = () => (left ??= Date.now());
  window.addEventListener("online", back);
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", ({ persisted }) => persisted && back());
  document.addEventListener("visibilitychange", () => (document.visibilityState === "visible" ? back() : leave()));
}
