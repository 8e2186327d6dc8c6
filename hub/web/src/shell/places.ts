/** Where one was on the pages that the browser's own buttons lead back to: how far down, and at which link. */

interface Kept {
  top: number;
  /** The address of the link that the focus was on, and how far below the top of the window it stood. */
  link: string | null;
  below: number;
}

const KEPT = "places";
/** So many milliseconds the page may take to be as long as it was, and so many without a change it takes to be built. */
const PATIENCE = 10_000;
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
    const link = document.activeElement?.closest("main a[href]");
    this.#all[this.#entry] = {
      top: window.scrollY,
      link: link?.getAttribute("href") ?? null,
      below: link?.getBoundingClientRect().top ?? 0,
    };
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
    this.#goTo(kept ?? { top: 0, link: null, below: 0 });
  }

  /** Where the focus was when one comes back, if that is there. */
  link(): HTMLElement | null {
    const address = this.#isReturning ? this.#all[this.#entry]?.link : null;
    return address ? document.querySelector<HTMLElement>(`main a[href="${CSS.escape(address)}"]`) : null;
  }

  #name(): string | null {
    return (history.state as { entry?: string } | null)?.entry ?? null;
  }

  /** What is above the link may have another height than before, so it is the link that counts. */
  #goTo({ top, below }: Kept): void {
    const here = this.#entry;
    const began = performance.now();
    const moved = new AbortController();
    const options = { signal: moved.signal, passive: true };
    for (const move of MOVES) window.addEventListener(move, () => moved.abort(), options);
    let [height, changed] = [0, began];
    const step = () => {
      const now = performance.now();
      if (moved.signal.aborted || this.#entry !== here || now - began > PATIENCE) return moved.abort();
      const { scrollHeight } = document.documentElement;
      if (scrollHeight !== height) [height, changed] = [scrollHeight, now];
      const link = this.link();
      const wanted = link ? window.scrollY + link.getBoundingClientRect().top - below : top;
      window.scrollTo(0, wanted);
      // What is below may come later, and what is above may still grow.
      if (Math.abs(window.scrollY - wanted) > 1 || now - changed < BUILDING) requestAnimationFrame(step);
      else moved.abort();
    };
    requestAnimationFrame(step);
  }
}

export const places = new Places();
