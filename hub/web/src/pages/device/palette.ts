/** The colours of the tokens as a canvas takes them: it knows neither `var()` nor `light-dark()`. */

export interface Palette {
  fire: string;
  band: string;
  line: string;
  /** Of what is not so. */
  off: string;
  soft: string;
  ink: string;
  good: string;
  /** For values of an enumeration, in turn. */
  values: string[];
}

const WANTED: Record<Exclude<keyof Palette, "values">, string> = {
  fire: "var(--fire)",
  band: "color-mix(in srgb, var(--fire), transparent 78%)",
  line: "var(--line)",
  off: "var(--edge)",
  soft: "var(--soft)",
  ink: "var(--ink)",
  good: "var(--good)",
};
const VALUES = ["--fire", "--focus", "--good", "--warn", "--bad", "--edge"];

function resolved(probe: HTMLElement, color: string): string {
  probe.style.color = color;
  return getComputedStyle(probe).color;
}

export function palette(within: HTMLElement): Palette {
  const probe = document.createElement("span");
  within.append(probe);
  const found = Object.fromEntries(Object.entries(WANTED).map(([name, color]) => [name, resolved(probe, color)]));
  const values = VALUES.map((name) => resolved(probe, `color-mix(in srgb, var(${name}), transparent 25%)`));
  probe.remove();
  return { ...(found as Omit<Palette, "values">), values };
}

/** Calls when the scheme changes, by the system or by the person; gives back what ends that. */
export function onScheme(changed: () => void): () => void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const own = new MutationObserver(changed);
  system.addEventListener("change", changed);
  own.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  return () => {
    system.removeEventListener("change", changed);
    own.disconnect();
  };
}
