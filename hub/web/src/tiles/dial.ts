/** A dial: an arc that is open at the bottom, from its least value at the lower left over the top to its most. */

/** Half of its arc, in degrees from the top. */
const HALF = 120;
/** Its radius, in units of its picture, whose middle is 0, 0. */
export const RADIUS = 50;

export interface Ends {
  min: number;
  max: number;
}

export interface Point {
  x: number;
  y: number;
}

/** Where a value stands, in degrees from the top, clockwise; what is beyond an end stands at it. */
export function angleOf(value: number, { min, max }: Ends): number {
  const share = max > min ? (value - min) / (max - min) : 0;
  return (Math.min(1, Math.max(0, share)) * 2 - 1) * HALF;
}

/** The point of the arc at an angle. */
export function pointAt(angle: number): Point {
  const radians = (angle * Math.PI) / 180;
  return { x: RADIUS * Math.sin(radians), y: -RADIUS * Math.cos(radians) };
}

/** The value that a hand at this point means; below the arc it is the nearer end. */
export function valueAt({ x, y }: Point, { min, max }: Ends, step: number): number {
  const angle = (Math.atan2(x, -y) * 180) / Math.PI;
  const share = (Math.min(HALF, Math.max(-HALF, angle)) + HALF) / (2 * HALF);
  const value = min + Math.round((share * (max - min)) / step) * step;
  // Steps of a tenth do not add up exactly in binary numbers.
  return Math.min(max, Number(value.toFixed(6)));
}

/** The way along the arc from one angle to a greater one, as the path of a picture. */
export function arc(from: number, to: number): string {
  const [begin, end] = [pointAt(from), pointAt(to)];
  const isLong = to - from > 180 ? 1 : 0;
  const number = (value: number) => value.toFixed(2);
  return `M${number(begin.x)} ${number(begin.y)}A${RADIUS} ${RADIUS} 0 ${isLong} 1 ${number(end.x)} ${number(end.y)}`;
}

/** Where its least value stands. */
export const LEAST = -HALF;
/** The whole arc. */
export const WHOLE = arc(-HALF, HALF);
