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

/** What white light of a temperature (kelvin) looks like on a screen, for the track of a slider. */
export function whites(min: number, max: number): string {
  const stops: [kelvin: number, color: string][] = [
    [2000, "#ff9a3c"],
    [2700, "#ffbb70"],
    [4000, "#ffe0bd"],
    [5500, "#fff6ee"],
    [6500, "#eef3ff"],
  ];
  const within = stops.map(([kelvin, color]) => `${color} ${Math.round(((kelvin - min) / (max - min || 1)) * 100)}%`);
  return `linear-gradient(to right, ${within.join(", ")})`;
}
