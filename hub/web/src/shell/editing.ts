/** Whether something would be lost if the page began anew now. */
import { router } from "./router.svelte";

/** What is moved or ticked takes effect at once; what is written waits for somebody to be done. */
const WRITTEN = 'input:not([type="range"], [type="checkbox"], [type="radio"], [type="button"]), textarea, select';

let typedInto: Element | null = null;

/** Remembers what was typed into. A page that was left has taken it with it. */
export function watchTyping(): void {
  document.addEventListener(
    "input",
    ({ target }) => {
      if (target instanceof Element && (target.matches(WRITTEN) || target.closest("form"))) typedInto = target;
    },
    { capture: true },
  );
}

export function isEditing(): boolean {
  if (!typedInto?.isConnected) typedInto = null;
  return Boolean(
    router.isHeld || typedInto || document.activeElement?.matches(WRITTEN) || document.querySelector("dialog[open]"),
  );
}
