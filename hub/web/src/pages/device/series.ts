/** Rows of history as what a chart draws. */
import type { Aggregate, Attribute, Sample } from "../../api/words";
import { LENGTH, type Resolution, type Stretch } from "./window";

export type Row = Sample | Aggregate;

/** Seconds and values, as uPlot takes them; `least` and `most` where the hub has summed up. */
export interface Line {
  at: number[];
  mean: (number | null)[];
  least: (number | null)[] | null;
  most: (number | null)[] | null;
}

export interface Piece {
  /** Seconds. */
  from: number;
  to: number;
  value: unknown;
}

const isAggregate = (row: Row): row is Aggregate => "mean" in row;
const seconds = (at: string) => new Date(at).getTime() / 1000;
const number = (value: unknown) => (typeof value === "number" ? value : null);

/** A line of numbers. `before` is what held at the beginning; what was last reported holds until the end. */
export function line(rows: Row[], resolution: Resolution, stretch: Stretch, before: unknown): Line {
  if (resolution !== "raw") {
    const half = LENGTH[resolution] / 2000;
    const sums = rows.filter(isAggregate);
    return {
      // In the middle of what it stands for, but not beyond what is shown.
      at: sums.map((row) => Math.min(seconds(row.at) + half, stretch.to / 1000)),
      mean: sums.map((row) => row.mean),
      least: sums.map((row) => row.min),
      most: sums.map((row) => row.max),
    };
  }
  const found = pieces(rows, stretch, before);
  const at = found.map((piece) => piece.from);
  const mean = found.map((piece) => number(piece.value));
  const end = found.at(-1);
  if (end && end.to > end.from) {
    at.push(end.to);
    mean.push(number(end.value));
  }
  return { at, mean, least: null, most: null };
}

/** What held from when to when. */
export function pieces(rows: Row[], stretch: Stretch, before: unknown): Piece[] {
  const samples = rows.filter((row): row is Sample => !isAggregate(row));
  const changes = samples.map(({ at, value }) => ({ at: Math.max(seconds(at), stretch.from / 1000), value }));
  if (before !== null && before !== undefined) changes.unshift({ at: stretch.from / 1000, value: before });
  return changes
    .map(({ at, value }, place) => ({ from: at, to: changes[place + 1]?.at ?? stretch.to / 1000, value }))
    .filter(({ from, to }, place, all) => to > from || place === all.length - 1);
}

/** The piece, or the point, that holds at a moment. */
export function at(found: Line, moment: number): number | null {
  let place = -1;
  for (const [index, time] of found.at.entries()) if (time <= moment) place = index;
  return place < 0 ? null : place;
}

/** The least and the most of all, for words about the picture. */
export function ends(found: Line): { least: number; most: number } | null {
  const values = [...(found.least ?? found.mean), ...(found.most ?? found.mean)].filter((value) => value !== null);
  return values.length > 0 ? { least: Math.min(...values), most: Math.max(...values) } : null;
}

/** Between what all numbers of an attribute lie; null = nobody knows. */
export interface Bounds {
  least: number | null;
  most: number | null;
}

/** A share of something is never more than all of it, also where the device does not say so. */
export function boundsOf({ min, max, unit }: Pick<Attribute, "min" | "max" | "unit">): Bounds {
  return { least: min ?? (unit === "%" ? 0 : null), most: max ?? (unit === "%" ? 100 : null) };
}

/** What an axis shows: some room above and below, also about a line that is flat, but nothing that cannot be. */
export function room(least: number | null, most: number | null, bounds: Bounds): [number, number] {
  if (least === null || most === null) return [0, 1];
  const spare = (most - least) * 0.08 || Math.max(Math.abs(most) * 0.05, 0.5);
  const [bottom, top] = [least - spare, most + spare];
  // What is beyond the bounds all the same is shown.
  const low = bounds.least ?? (least >= 0 ? 0 : bottom);
  const high = bounds.most ?? top;
  return [Math.max(bottom, Math.min(least, low)), Math.min(top, Math.max(most, high))];
}

/** What is not so needs no colour. */
export const isOff = (value: unknown): boolean => value === false || value === null;
