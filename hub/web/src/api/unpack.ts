/** What the hub sends compressed: the whole picture of a home, of which a phone under way would otherwise wait for each word. */

/** The text of gzip bytes, by the browser's own means. */
export function unpack(gzip: ArrayBuffer): Promise<string> {
  return new Response(new Blob([gzip]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

/** Gives texts on in the order in which they came, compressed or not: unpacking takes a moment, and what came behind waits. */
export function inOrder(
  unpack: (gzip: ArrayBuffer) => Promise<string>,
  give: (text: string) => void,
  failed: () => void,
): (data: string | ArrayBuffer) => void {
  let behind: (string | ArrayBuffer)[] | null = null;
  const take = (data: string | ArrayBuffer): void => {
    if (behind) behind.push(data);
    else if (typeof data === "string") give(data);
    else {
      const waiting: (string | ArrayBuffer)[] = [];
      behind = waiting;
      void unpack(data)
        .then((text) => {
          behind = null;
          give(text);
          for (const next of waiting) take(next);
        })
        .catch(failed);
    }
  };
  return take;
}
