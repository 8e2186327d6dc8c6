import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const folder = "dist";

/**
 * Leaves every built file as its gzip form only, which is what the hub embeds: gzip, because browsers take nothing
 * better over plain HTTP; one form, because the hub unpacks for the rare client that takes none. What was there before goes,
 * the folder stays.
 */
export function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    buildStart() {
      for (const name of readdirSync(folder))
        if (name !== ".gitignore") rmSync(join(folder, name), { recursive: true });
    },
    closeBundle: {
      order: "post",
      sequential: true,
      handler() {
        for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
          const file = join(folder, name);
          if (!statSync(file).isFile() || name === ".gitignore") continue;
          writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));
          rmSync(file);
        }
      },
    },
  };
}
