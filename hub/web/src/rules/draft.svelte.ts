/** A rule while somebody works on it: its document, what was done to it, what the hub finds in it, and which node is open. */
import { getContext, setContext } from "svelte";
import { body, hub, Refusal } from "../api/client";
import type { Finding } from "../api/words";
import { t } from "../language/language.svelte";
import { duplicate, EMPTY, nodeAround } from "./document";
import { byNode, isError, testsOf } from "./placement";
import { begin, redo, step, undo } from "./history";
import type { Group } from "./language";
import { get, insert, isMapping, itemsAt, move, pathOf, pathText, remove, same, type Json, type Path } from "./path";

/** What was copied, for any rule that is opened after. */
class Clipboard {
  node = $state.raw<{ group: Group; node: Json } | null>(null);
}
export const clipboard = new Clipboard();

const KEY = Symbol("draft");

/** The hub keeps the id of the address, whatever the document says. */
const idStays = (id: string): Finding => ({
  severity: "error",
  code: "bad_value",
  path: "id",
  message: t("rule.id_stays", { id }),
});

export class Draft {
  /** Of a rule that is saved; null = it is new. */
  readonly id: string | null;
  #history = $state.raw(begin<Json>(EMPTY));
  /** As it was read or saved. */
  #saved = $state.raw<Json>(EMPTY);
  /** The path of the node whose fields are shown; the focus goes to `sought` when it is there. */
  open = $state("");
  sought = $state("");
  /** Null = the hub has not answered yet. */
  findings = $state.raw<Finding[] | null>(null);
  /** Why the hub could not check. */
  refusal = $state("");
  #asked = 0;

  constructor(id: string | null, document: Json) {
    this.id = id;
    this.#saved = document;
    this.#history = begin(document);
  }

  get document(): Json {
    return this.#history.now;
  }
  readonly isChanged = $derived.by(() => !same(this.document, this.#saved));
  readonly canUndo = $derived.by(() => this.#history.before.length > 0);
  readonly canRedo = $derived.by(() => this.#history.after.length > 0);
  readonly placed = $derived.by(() => byNode(this.document, this.findings ?? []));
  readonly errors = $derived.by(() => (this.findings ?? []).filter(isError).length);
  readonly tests = $derived.by(() => testsOf(this.document, this.findings));

  /** `what` names the place that is typed at, so that a word is one step and not five. */
  change(document: Json, what = ""): void {
    if (!same(document, this.document)) this.#history = step(this.#history, document, what, Date.now());
  }
  undo(): void {
    this.#history = undo(this.#history);
  }
  redo(): void {
    this.#history = redo(this.#history);
  }
  /** From now on this is what is saved. */
  settle(document: Json): void {
    this.#saved = document;
  }

  /** Adds a node to a list and opens it. */
  add(list: Path, index: number, node: Json): void {
    this.change(insert(this.document, list, index, node));
    this.#show(list, index);
  }
  duplicate(path: Path): void {
    this.change(duplicate(this.document, path));
    const last = path.at(-1);
    this.#show(typeof last === "number" ? path.slice(0, -1) : path, typeof last === "number" ? last + 1 : 1);
  }
  remove(path: Path): void {
    const last = path.at(-1);
    this.change(remove(this.document, path));
    this.open = "";
    const list = typeof last === "number" ? path.slice(0, -1) : path;
    const left = itemsAt(this.document, list);
    const next = typeof last === "number" ? left[Math.min(last, left.length - 1)] : undefined;
    // Where nothing is left, the list itself is where one adds again.
    this.sought = pathText(next?.path ?? list);
  }
  move(path: Path, by: -1 | 1): void {
    const last = path.at(-1);
    if (typeof last !== "number") return;
    const list = path.slice(0, -1);
    this.change(move(this.document, list, last, last + by));
    this.#show(list, last + by);
  }
  /** How many stand in the same list. */
  siblings(path: Path): number {
    const items = typeof path.at(-1) === "number" ? get(this.document, path.slice(0, -1)) : null;
    return Array.isArray(items) ? items.length : 1;
  }

  /** Opens where the first error is. */
  showFirstError(): void {
    const first = this.findings?.find(isError);
    if (!first) return;
    const path = pathOf(first.path);
    const around = nodeAround(this.document, path);
    this.sought = around.length > 0 ? pathText(around) : String(path[0] ?? "");
    if (around.length > 0) this.open = this.sought;
  }

  #show(list: Path, index: number): void {
    this.open = pathText([...list, index]);
    this.sought = this.open;
  }

  /** Asks the hub what is wrong. An answer that comes after a newer question is not heard. */
  async check(): Promise<void> {
    const asked = ++this.#asked;
    const document = this.document;
    if (!isMapping(document)) return;
    const rule = this.id === null ? document : { ...document, id: this.id };
    try {
      const { findings } = await body(hub.POST("/api/v1/automations/check", { body: rule as never }));
      if (asked !== this.#asked) return;
      const isRenamed = this.id !== null && "id" in document && document["id"] !== this.id;
      this.findings = isRenamed ? [idStays(this.id ?? ""), ...findings] : findings;
      this.refusal = "";
    } catch (problem) {
      if (asked !== this.#asked || !(problem instanceof Refusal)) return;
      this.refusal = problem.message;
    }
  }
}

export function provideDraft(draft: Draft): void {
  setContext(KEY, draft);
}

/** The draft of the page that a component stands in. */
export function useDraft(): Draft {
  return getContext<Draft>(KEY);
}
