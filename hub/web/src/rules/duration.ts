/** Lengths of time as people write them: `2m`, `1h 30m`, `00:02:30`. What was written stays as it is; this only reads. */

const UNITS: readonly [name: string, milliseconds: number][] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
];
const LONGEST = 366 * 86_400_000;

/** Milliseconds; null = it is no length of time that the hub takes. */
export function readDuration(text: string): number | null {
  const trimmed = text.trim();
  const total = trimmed.includes(":") ? clock(trimmed) : units(trimmed);
  return total !== null && total <= LONGEST ? total : null;
}

/** One that may lead back: `-20m`. */
export function readOffset(text: string): number | null {
  const trimmed = text.trim();
  const length = readDuration(trimmed.replace(/^[-+]/, ""));
  return length === null ? null : trimmed.startsWith("-") ? -length : length;
}

function units(text: string): number | null {
  if (text === "") return null;
  let rest = text;
  let total = 0;
  let next = 0;
  while (rest !== "") {
    const found = /^(\d+)([a-z]+)\s*/.exec(rest);
    const index = UNITS.findIndex(([name], at) => at >= next && name === found?.[2]);
    const unit = UNITS[index];
    if (!found || !unit) return null;
    total += Number(found[1]) * unit[1];
    next = index + 1;
    rest = rest.slice(found[0].length);
  }
  return total;
}

function clock(text: string): number | null {
  const found = /^(\d{1,3}):(\d{1,3}):(\d{1,3})$/.exec(text);
  if (!found) return null;
  const [hours = 0, minutes = 0, seconds = 0] = found.slice(1).map(Number);
  return minutes < 60 && seconds < 60 ? (hours * 3600 + minutes * 60 + seconds) * 1000 : null;
}

/** As the hub writes it: `1h30m`. */
export function writeDuration(milliseconds: number): string {
  let rest = milliseconds;
  let text = "";
  for (const [name, length] of UNITS) {
    if (rest >= length) {
      text += `${Math.floor(rest / length)}${name}`;
      rest %= length;
    }
  }
  return text || "0s";
}

/** What people type in other ways, in the hub's: `1,5 h`, `90 min`, `2 Minuten`, `5` (minutes). Null = nobody can tell. */
export function tidyDuration(text: string): string | null {
  const plain = text.trim().toLowerCase();
  if (readDuration(plain) !== null) return plain;
  const pieces = [...plain.matchAll(/(\d+(?:[.,]\d+)?)\s*([a-zµ]*)/g)];
  if (pieces.length === 0 || plain.replace(/(\d+(?:[.,]\d+)?)\s*([a-zµ]*)/g, "").trim() !== "") return null;
  let total = 0;
  for (const [, number = "", word = ""] of pieces) {
    const unit = WORDS.find(([pattern]) => pattern.test(word));
    if (!unit) return null;
    total += Number(number.replace(",", ".")) * unit[1];
  }
  const whole = Math.round(total);
  return whole <= LONGEST ? writeDuration(whole) : null;
}

const WORDS: readonly [pattern: RegExp, milliseconds: number][] = [
  [/^(ms|msec|milli.*)$/, 1],
  [/^(s|sec.*|sek.*)$/, 1000],
  [/^(|m|min.*)$/, 60_000],
  [/^(h|std|hour.*|hr|hrs|stunde.*)$/, 3_600_000],
  [/^(d|day.*|tag.*)$/, 86_400_000],
];
