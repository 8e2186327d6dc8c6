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
 * The file that a module goes into. All of the first view is one file: browsers ask for six at once over HTTP/1.1, so that
 * forty small ones cost six ways to the hub and back. But for what asks the hub at once, which has one of its own. The same
 * for the words of a language.
 */
export const chunkOf = (root: string): Rolldown.CodeSplittingNameFunction => {
  let parts: { early: Set<string>; first: Set<string> } | null = null;
  return (id, context) => {
    parts ??= { early: allOf(context, root + EARLY), first: allOf(context, root + ENTRY) };
    if (parts.early.has(id)) return "early";
    if (parts.first.has(id)) return "first";
    const language = LANGUAGE.exec(id)?.[1];
    return language ? `words-${language}` : null;
  };
};
