/** Changes something that others may change meanwhile: read, changed, written only if it is still what was read. */
import { Refusal } from "../api/client";

/** Whoever is overtaken more often than this is told. */
const TRIES = 4;

export async function changeNewest<T>(
  read: () => Promise<{ value: T; tag: string }>,
  change: (newest: T) => T,
  write: (changed: T, tag: string) => Promise<T>,
): Promise<T> {
  for (let left = TRIES - 1; ; left -= 1) {
    const { value, tag } = await read();
    try {
      return await write(change(value), tag);
    } catch (problem) {
      if (!(problem instanceof Refusal) || problem.status !== 412 || left === 0) throw problem;
    }
  }
}
