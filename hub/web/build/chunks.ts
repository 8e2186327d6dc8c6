import type { Rolldown } from "vite";

type Context = Parameters<Rolldown.CodeSplittingNameFunction>[1];

/** The module that the page begins with. */
const ENTRY = "/src/main.ts";
/** What asks the hub before that is there. */
const EARLY = "/src/early.ts";
const LANGUAGE = /\/messages\/(\w+)\/\w+\.(json|ts)$/;

/** What a module imports at once, itself, and what that imports. */
function allOf(context: Context, entry: string): Set<string> {
  const found = new Set<string>();
  const take = (id: string) => {
    if (found.has(id)) return;
    found.add(id);
    for (const other of context.getModuleInfo(id)?.importedIds ?? []) take(other);
  };
  take(entry);
  return found;
}

/**
 * The files that modules go into. All of the first view is one file: browsers ask for six at once over HTTP/1.1, so that
 * forty small ones cost six ways to the hub and back. But for what asks the hub at once, which has one of its own. The same
 * for the words of a language: those of the first view, and the rest.
 */
export function chunks(root: string): Rolldown.CodeSplittingGroup[] {
  const known = new Map<string, Set<string>>();
  const isOf = (id: string, entry: string, context: Context) => {
    const all = known.get(entry) ?? allOf(context, root + entry);
    known.set(entry, all);
    return all.has(id);
  };
  const words = (id: string, context: Context) => {
    const language = LANGUAGE.exec(id)?.[1];
    return language && isOf(id, `/messages/${language}/first.ts`, context) ? `words-${language}-first` : null;
  };
  // A file takes along what its modules import, unless one before it has that.
  const inOrder: Rolldown.CodeSplittingNameFunction[] = [
    (id, context) => (isOf(id, EARLY, context) ? "early" : null),
    (id, context) => (isOf(id, ENTRY, context) ? "first" : null),
    words,
    (id) => LANGUAGE.exec(id)?.[1]?.replace(/^/, "words-") ?? null,
  ];
  return inOrder.map((name, at) => ({ name, priority: inOrder.length - at }));
}
