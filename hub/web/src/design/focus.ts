/** Where the keyboard goes on when what was pressed is gone: to what stands in its place, else to the next of its kind. */
import { tick } from "svelte";

const FOCUSABLE = "a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea, [tabindex]";
const ITEMS = "li, article, section, [role=group], .row, tr";

/** What may take the focus over, the nearest first: the thing itself, what follows it, what was before it, what is around it. */
export function heirs(element: Element): Element[] {
  const found: Element[] = [];
  for (let item = element.closest(ITEMS); item; item = item.parentElement?.closest(ITEMS) ?? null) {
    found.push(item);
    for (let next = item.nextElementSibling; next; next = next.nextElementSibling) found.push(next);
    for (let last = item.previousElementSibling; last; last = last.previousElementSibling) found.push(last);
  }
  return found;
}

function isLost(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}

/** Does something after which what was pressed may be gone, and sees to the focus then. */
export async function keepingFocus<T>(act: () => Promise<T> | T): Promise<T> {
  const pressed = document.activeElement;
  const after = pressed ? heirs(pressed) : [];
  const result = await act();
  await tick();
  if (pressed && pressed !== document.body && isLost()) pass(after);
  return result;
}

function pass(after: Element[]): void {
  for (const heir of after) {
    if (!heir.isConnected) continue;
    const target = heir.matches(FOCUSABLE) ? heir : heir.querySelector(FOCUSABLE);
    (target as HTMLElement | null)?.focus();
    if (!isLost()) return;
  }
  document.querySelector<HTMLElement>("main h1")?.focus();
}
