/** Colours of lights: hue and saturation as people choose them, x and y of CIE 1931 as some lights say them. */

export interface HueSaturation {
  /** Degrees. */
  hue: number;
  /** Percent. */
  saturation: number;
}

/** The colour of a value of the hub; null = it is none. */
export function hueSaturation(value: unknown): HueSaturation | null {
  const { hue, saturation, x, y } = (value ?? {}) as Record<string, unknown>;
  if (typeof hue === "number" && typeof saturation === "number") return { hue, saturation };
  return typeof x === "number" && typeof y === "number" ? ofXy(x, y) : null;
}

/** As a screen shows it, at full brightness. */
export function css({ hue, saturation }: HueSaturation): string {
  // Of HSV at full value: the lightness of HSL falls with the saturation.
  return `hsl(${Math.round(hue)} 100% ${Math.round(100 - saturation / 2)}%)`;
}

/** Wide gamut under D65, as the hub converts. Points outside the gamut are brought to its edge. */
function ofXy(x: number, y: number): HueSaturation {
  const safe = Math.max(y, 1e-6);
  const [big, small] = [x / safe, (1 - x - y) / safe];
  const linear = [
    1.656492 * big - 0.354851 - 0.255038 * small,
    -0.707196 * big + 1.655397 + 0.036152 * small,
    0.051713 * big - 0.121364 + 1.01153 * small,
  ].map((part) => Math.max(0, part));
  const most = Math.max(...linear, 1e-6);
  const [red = 0, green = 0, blue = 0] = linear.map((part) => gamma(part / most));
  const [top, bottom] = [Math.max(red, green, blue), Math.min(red, green, blue)];
  const spread = top - bottom;
  if (spread < 1e-6) return { hue: 0, saturation: 0 };
  const turn =
    top === red ? (green - blue) / spread : top === green ? 2 + (blue - red) / spread : 4 + (red - green) / spread;
  return { hue: (turn * 60 + 360) % 360, saturation: (spread / top) * 100 };
}

function gamma(part: number): number {
  return part <= 0.0031308 ? 12.92 * part : 1.055 * part ** (1 / 2.4) - 0.055;
}

/** What white light of a temperature (kelvin) looks like on a screen. */
const WHITES: [kelvin: number, color: [number, number, number]][] = [
  [2000, [255, 154, 60]],
  [2700, [255, 187, 112]],
  [4000, [255, 224, 189]],
  [5500, [255, 246, 238]],
  [6500, [238, 243, 255]],
];

const rgb = (color: readonly number[]) => `rgb(${color.map(Math.round).join(" ")})`;

/** White light of this temperature. */
export function white(kelvin: number): string {
  const after = WHITES.find(([stop]) => stop >= kelvin) ?? WHITES.at(-1)!;
  const before = WHITES.findLast(([stop]) => stop <= kelvin) ?? WHITES[0]!;
  const share = after[0] > before[0] ? (kelvin - before[0]) / (after[0] - before[0]) : 0;
  return rgb(before[1].map((part, at) => part + share * (after[1][at]! - part)));
}

/** The track of a slider of temperatures. */
export function whites(min: number, max: number): string {
  const within = WHITES.map(
    ([kelvin, color]) => `${rgb(color)} ${Math.round(((kelvin - min) / (max - min || 1)) * 100)}%`,
  );
  return `linear-gradient(to right, ${within.join(", ")})`;
}

/** What a light shines in, as far as it says so: its colour, or the white that is in force. */
export function shining(valueOf: (attribute: string) => unknown): string | null {
  const color = hueSaturation(valueOf("color"));
  const kelvin = valueOf("color_temperature");
  // Bridges say `color_temp` for it.
  const isWhite = !color || String(valueOf("color_mode")).startsWith("color_temp");
  if (isWhite && typeof kelvin === "number") return white(kelvin);
  return color && css(color);
}
