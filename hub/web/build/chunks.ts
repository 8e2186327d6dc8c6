import type { Rolldown } from "vite";

type Context = Parameters<Rolldown.CodeSplittingNameFunction>[1];

/** The module that the page begins with. */
const ENTRY = "/src/main.ts";
const LANGUAGE = /\/messages\/(\w+)\/\w+\.(json|ts)$/;

let first: Set<string> | null = null;

/** What the first module imports at once, and what that imports. */
function firstView(context: Context, entry: string): Set<string> {
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
 * The file that a module goes into. All of the first view is one file: browsers ask for six at once over HTTP/1.1, so that
 * forty small ones cost six ways to the hub and back. The same for the words of a language.
 */
export const chunkOf =
  (root: string): Rolldown.CodeSplittingNameFunction =>
  (id, context) => {
    first ??= firstView(context, root + ENTRY);
    if (first.has(id)) return "first";
    const language = LANGUAGE.exec(id)?.[1];
    return language ? `words-${language}` : null;
  };
