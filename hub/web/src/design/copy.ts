/** Puts a text where it can be pasted from, also on a page that is not encrypted, where browsers have no clipboard for scripts. */
export async function copy(text: string): Promise<boolean> {
  if (window.isSecureContext && "clipboard" in navigator) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  }
  const before = document.activeElement as HTMLElement | null;
  const field = document.createElement("textarea");
  field.value = text;
  field.readOnly = true;
  field.className = "only-read";
  // Around an open dialog nothing can have the focus.
  (before?.closest("dialog") ?? document.body).append(field);
  field.select();
  const isDone = document.execCommand("copy");
  field.remove();
  before?.focus({ preventScroll: true });
  return isDone;
}
