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

/** What an entry of the history holds: its name, and how many things lie over the page. */
interface Entry {
  entry?: string;
  covers?: number;
}

/** How many things lie over the page in the entry that the browser is at. */
const depth = () => (history.state as Entry | null)?.covers ?? 0;

/** Is told where somebody wants to go; true = not yet, it asks first. */
type Holder = (address: string) => boolean;

class Router {
  #holder: Holder | null = null;
  /** What closes that which lies over the page, the lowest first. */
  #covers: (() => void)[] = [];
  /** The browser is on its way back from entries of what is closed already. */
  #isUnwinding = false;
  /** Where somebody wants to go once it has arrived. */
  #next: (() => void) | null = null;
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
    if (this.#isUnwinding && !replace) {
      this.#next = () => this.go(address);
      return;
    }
    if (this.#holder?.(address)) return;
    const isOther = !replace || address.split("?")[0] !== this.path;
    if (replace) history.replaceState(history.state, "", address);
    else {
      places.leave();
      // The entry of what lies over the page is free: the page leaves and takes it along.
      const enter = depth() > 0 ? history.replaceState : history.pushState;
      enter.call(history, { entry: places.fresh() }, "", address);
      this.#covers = [];
    }
    this.#address = address;
    if (isOther) places.enter();
  }

  /** Something lies over the page until the answer is called: back closes it and stays on the page. */
  cover(close: () => void): () => void {
    this.#covers.push(close);
    this.#settleSoon();
    return () => {
      const at = this.#covers.indexOf(close);
      if (at < 0) return;
      this.#covers.splice(at, 1);
      this.#settleSoon();
    };
  }

  /** Of what closes while something else opens, one takes the entry of the other. */
  #settleSoon(): void {
    queueMicrotask(() => this.#settle());
  }

  /** Makes as many entries as things lie over the page, or goes back from those that are too many. */
  #settle(): void {
    if (this.#isUnwinding) return;
    const surplus = depth() - this.#covers.length;
    if (surplus > 0) {
      this.#isUnwinding = true;
      history.go(-surplus);
      return;
    }
    for (let covers = depth() + 1; covers <= this.#covers.length; covers += 1) {
      history.pushState({ ...(history.state as Entry), covers }, "");
    }
  }

  /** The browser is back from entries of what is closed. */
  #unwound(): void {
    this.#isUnwinding = false;
    // What became of the address meanwhile stays.
    if (location.pathname + location.search !== this.#address) history.replaceState(history.state, "", this.#address);
    this.#settle();
    const next = this.#next;
    this.#next = null;
    next?.();
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
    if (this.#isUnwinding) return this.#unwound();
    const address = location.pathname + location.search;
    const closed = this.#covers.splice(depth()).reverse();
    for (const close of closed) close();
    if (closed.length > 0 && address === this.#address) return;
    if (address !== this.#address && this.#holder?.(address)) {
      history.pushState({ entry: places.fresh() }, "", this.#address);
      return;
    }
    places.leave();
    this.#address = address;
    places.arrive();
    // Forward may lead to what is closed: there is nothing.
    this.#settle();
  }

  /** Follows links within the app, and the browser's own buttons. */
  listen(): void {
    places.begin();
    // A page that is loaded anew has nothing over it.
    this.#settle();
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
