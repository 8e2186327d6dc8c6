/** What part of a picture is to be seen: moved and enlarged, never lost out of sight. */
import type { Reach } from "./layout";

export interface View {
  /** Where the middle of the picture is on the screen. */
  x: number;
  y: number;
  scale: number;
}

export interface Size {
  width: number;
  height: number;
}

const SCALE_MOST = 3;
/** Around the picture, for names at its edge. */
const MARGIN = 48;

/** All of it. */
export function fitted({ width, height }: Size, reach: Reach): View {
  const fits = (room: number, needed: number) => (needed > 0 ? (room / 2 - MARGIN) / needed : Infinity);
  const scale = Math.min(1.2, Math.max(0.05, Math.min(fits(width, reach.x), fits(height, reach.y))));
  return { x: width / 2, y: height / 2, scale };
}

/** Larger or smaller, with the point of the screen staying where it is. */
export function zoomed(view: View, factor: number, at: { x: number; y: number }, least: number): View {
  const scale = Math.min(SCALE_MOST, Math.max(Math.min(least, SCALE_MOST), view.scale * factor));
  const by = scale / view.scale;
  return { scale, x: at.x - (at.x - view.x) * by, y: at.y - (at.y - view.y) * by };
}

/** Moved, but some of it always stays on the screen. */
export function moved(view: View, by: { x: number; y: number }, { width, height }: Size, reach: Reach): View {
  const clamp = (value: number, room: number, far: number) =>
    Math.min(room + far * view.scale - MARGIN, Math.max(MARGIN - far * view.scale, value));
  return { ...view, x: clamp(view.x + by.x, width, reach.x), y: clamp(view.y + by.y, height, reach.y) };
}

/** With a point of the picture in the middle of the screen. */
export function centred(view: View, point: { x: number; y: number }, { width, height }: Size, scale: number): View {
  const shown = Math.max(view.scale, scale);
  return { scale: shown, x: width / 2 - point.x * shown, y: height / 2 - point.y * shown };
}
