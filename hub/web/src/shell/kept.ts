/** What of the app a service worker keeps, and when it gives it. A module of its own: the worker is one file, and shares none
 *  with the app. */

/** A lossy network is given so many milliseconds before the kept page is shown; the app says then how things stand. */
export const PATIENCE = 4000;

/** What the hub says itself, and is never kept. */
const OF_THE_HUB = ["/api/", "/certificate", "/healthz", "/metrics", "/readyz"];

export function isOfTheApp(path: string): boolean {
  return !OF_THE_HUB.some((one) => path.startsWith(one));
}

/** Whether a page names all scripts of a build's first view. */
export function isOfBuild(html: string, parts: readonly string[]): boolean {
  const first = parts.filter((part) => /\/first-[^/]*\.js$/.test(part));
  return first.length > 0 && first.every((part) => html.includes(part));
}

/** What comes; what is kept, if it does not come, or not soon. */
export async function firstOf<T>(coming: Promise<T>, kept: T | null, patience: number): Promise<T> {
  if (kept === null) return coming;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<T>((resolve) => (timer = setTimeout(() => resolve(kept), patience)));
  try {
    return await Promise.race([coming, late]);
  } catch {
    return kept;
  } finally {
    clearTimeout(timer);
  }
}
