/** Where one was on the pages that the browser's own buttons lead back to: how far down, and at which link. */

interface Kept {
  top: number;
  /** The address of the link that the focus was on. */
  link: string | null;
}

const KEPT = "places";
/** So long the page may take to be as long as it was, and so long it is held there while it is built. */
const PATIENCE = 3000;
const BUILDING = 400;
/** With any of these somebody goes elsewhere on the page. */
const MOVES = ["wheel", "touchstart", "pointerdown", "keydown"];

class Places {
  #all: Record<string, Kept> = {};
  #entry = "";
  #isReturning = false;

  /** Each entry of the history has a name of its own, which outlives that the page is loaded anew. */
  begin(): void {
    history.scrollRestoration = "manual";
    this.#all = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}") as Record<string, Kept>;
    window.addEventListener("pagehide", () => {
      this.leave();
      sessionStorage.setItem(KEPT, JSON.stringify(this.#all));
    });
    this.arrive();
  }

  /** The name of an entry that is to be made. */
  fresh(): string {
    return `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
  }

  leave(): void {
    this.#all[this.#entry] = { top: window.scrollY, link: document.activeElement?.getAttribute("href") ?? null };
  }

  /** A new page begins at its top. */
  enter(isAtTop = true): void {
    this.#entry = this.#name() ?? "";
    this.#isReturning = false;
    if (isAtTop) window.scrollTo(0, 0);
  }

  /** The browser has gone to an entry that there was, or to another place on the page. */
  arrive(): void {
    if (this.#name() === null) {
      history.replaceState({ entry: this.fresh() }, "");
      this.enter(false);
      return;
    }
    this.#entry = this.#name() ?? "";
    const kept = this.#all[this.#entry];
    this.#isReturning = kept !== undefined;
    this.#goTo(kept?.top ?? 0);
  }

  /** Where the focus was when one comes back, if that is there. */
  link(): HTMLElement | null {
    const address = this.#isReturning ? this.#all[this.#entry]?.link : null;
    return address ? document.querySelector<HTMLElement>(`main a[href="${CSS.escape(address)}"]`) : null;
  }

  #name(): string | null {
    return (history.state as { entry?: string } | null)?.entry ?? null;
  }

  #goTo(top: number): void {
    const began = performance.now();
    const here = this.#entry;
    let isMoved = false;
    const stop = () => (isMoved = true);
    for (const move of MOVES) window.addEventListener(move, stop, { once: true, passive: true });
    const step = () => {
      const passed = performance.now() - began;
      if (isMoved || this.#entry !== here || passed > PATIENCE) return;
      window.scrollTo(0, top);
      // What is below may come later; what is above may still grow.
      if (passed < BUILDING || window.scrollY < top - 1) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }
}

export const places = new Places();
