import { gzipSync } from "node:zlib";
import type { Plugin, Rolldown } from "vite";

/** What a phone loads before the home is to be seen: bytes of gzip, at most. */
const FIRST_VIEW = 100 * 1024;

/** The files of a bundle that its first view needs: what the page names, and what that imports at once. */
export function firstView(bundle: Rolldown.OutputBundle): string[] {
  const needed = new Set<string>();
  const take = (name: string) => {
    const part = bundle[name];
    if (!part || needed.has(name)) return;
    needed.add(name);
    if (part.type !== "chunk") return;
    const styles = (part as { viteMetadata?: { importedCss: Set<string> } }).viteMetadata?.importedCss ?? [];
    for (const other of [...part.imports, ...styles]) take(other);
  };
  for (const part of Object.values(bundle))
    if (part.type === "chunk" && part.moduleIds.some((id) => id.endsWith("/src/main.ts"))) take(part.fileName);
  return [...needed];
}

/** Prints what the first view weighs, and fails the build when it is too much. */
export function budget(): Plugin {
  return {
    name: "budget",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const weight = (name: string) => {
          const part = bundle[name];
          return gzipSync(part?.type === "chunk" ? part.code : (part?.source ?? "")).length;
        };
        const total = firstView(bundle).reduce((sum, name) => sum + weight(name), 0);
        const all = Object.keys(bundle).reduce((sum, name) => sum + weight(name), 0);
        const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} kB`;
        console.info(
          `web app: first view ${kilobytes(total)} of at most ${kilobytes(FIRST_VIEW)}, all ${kilobytes(all)} (gzip)`,
        );
        if (total === 0) this.error("the first view was not found");
        if (total > FIRST_VIEW) this.error("the first view is too heavy; load later what it does not need");
      },
    },
  };
}
