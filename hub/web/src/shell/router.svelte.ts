/** Which page the address asks for. Links are ordinary links; the browser's back button is right. */
import { places } from "./places";

/** A place in the app: the name of its page, and what its address holds. */
export interface Place<Name extends string> {
  page: Name;
  /** The parts of the path that the pattern names, decoded. */
  parts: Record<string, string>;
}

/** Finds the page of a path in a table of patterns such as `/devices/:id`. */
export function match<Name extends string>(patterns: Record<Name, string>, path: string): Place<Name> | null {
  const asked = path.split("/").filter(Boolean);
  for (const [page, pattern] of Object.entries(patterns) as [Name, string][]) {
    const wanted = pattern.split("/").filter(Boolean);
    if (wanted.length !== asked.length) continue;
    const parts: Record<string, string> = {};
    const fits = wanted.every((word, at) => {
      const part = asked[at] ?? "";
      if (!word.startsWith(":")) return word === part;
      const decoded = decodedOrNull(part);
      if (decoded !== null) parts[word.slice(1)] = decoded;
      return decoded !== null;
    });
    if (fits) return { page, parts };
  }
  return null;
}

function decodedOrNull(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

/** Is told where somebody wants to go; true = not yet, it asks first. */
type Holder = (address: string) => boolean;

class Router {
  #holder: Holder | null = null;
  #address = $state(typeof location === "undefined" ? "/" : location.pathname + location.search);

  get path(): string {
    return this.#address.split("?")[0] ?? "/";
  }

  get query(): URLSearchParams {
    return new URLSearchParams(this.#address.split("?")[1] ?? "");
  }

  /** Whether somebody would be asked before the page is left. */
  get isHeld(): boolean {
    return this.#holder !== null;
  }

  /** Goes to another page of the app. `replace`: back does not come here again. */
  go(address: string, { replace = false } = {}): void {
    if (this.#holder?.(address)) return;
    const isOther = !replace || address.split("?")[0] !== this.path;
    if (replace) history.replaceState(history.state, "", address);
    else {
      places.leave();
      history.pushState({ entry: places.fresh() }, "", address);
    }
    this.#address = address;
    if (isOther) places.enter();
  }

  /** Asks before the page is left, until it is released. */
  hold(holder: Holder): () => void {
    this.#holder = holder;
    return () => {
      if (this.#holder === holder) this.#holder = null;
    };
  }

  /** The browser went on or back already. */
  #arrive(): void {
    const address = location.pathname + location.search;
    if (address !== this.#address && this.#holder?.(address)) {
      history.pushState({ entry: places.fresh() }, "", this.#address);
      return;
    }
    places.leave();
    this.#address = address;
    places.arrive();
  }

  /** Follows links within the app, and the browser's own buttons. */
  listen(): void {
    places.begin();
    window.addEventListener("popstate", () => this.#arrive());
    document.addEventListener("click", (event) => {
      if (event.defaultPrevented || event.button !== 0) return;
      // With these the person wants another tab or window.
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      const link = (event.target as Element | null)?.closest?.("a[href]") as HTMLAnchorElement | null;
      if (!link || link.origin !== location.origin || link.target || link.hasAttribute("download")) return;
      if (link.dataset["outside"] !== undefined) return;
      event.preventDefault();
      const address = link.pathname + link.search;
      if (address !== this.#address) this.go(address);
    });
  }
}

export const router = new Router();
