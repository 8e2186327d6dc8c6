/** Draws history with uPlot: numbers as a line with its band, states as pieces of colour. */
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { css, hueSaturation } from "../../tiles/color";
import { palette, type Palette } from "./palette";
import { isOff, room, type Bounds, type Line, type Piece } from "./series";
import type { Stretch } from "./window";

export interface Picture {
  stretch: Stretch;
  line: Line | null;
  pieces: Piece[];
  /** Of all values that pieces have, each in its place for its colour. */
  values: unknown[];
  bounds: Bounds;
}

export interface Hand {
  /** A stretch was drawn with the mouse. Milliseconds. */
  zoom(from: number, to: number): void;
  /** The pointer is above a moment; null = it has left. */
  over(at: number | null): void;
  /** A moment was pressed. */
  pick(at: number): void;
  /** A number of the left axis. */
  number(value: number): string;
  timeZone: string;
  locale: string;
}

const HEIGHT = 240;
const DAY = 86_400;
/** Fewer pixels than this are a press, no drawn stretch. */
const DRAWN = 8;

export function draw(within: HTMLElement, picture: Picture, hand: Hand): { update(next: Picture): void; end(): void } {
  const colors = palette(within);
  let shown = picture;
  let drawn = false;
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(hand.locale, { timeZone: hand.timeZone, ...options });
  const [time, exact, day, month] = [
    format({ hour: "2-digit", minute: "2-digit" }),
    format({ hour: "2-digit", minute: "2-digit", second: "2-digit" }),
    format({ day: "numeric", month: "short" }),
    format({ month: "short", year: "numeric" }),
  ];
  const name = (seconds: number, step: number) => {
    const words = step < 60 ? exact : step < DAY ? time : step < 27 * DAY ? day : month;
    const date = new Date(seconds * 1000);
    // Midnight is named by its day.
    return step < DAY && step >= 3600 && time.format(date).startsWith("00:00") ? day.format(date) : words.format(date);
  };
  const axis = {
    stroke: colors.soft,
    grid: { stroke: colors.line, width: 1 },
    ticks: { stroke: colors.line, width: 1 },
  };

  const chart = new uPlot(
    {
      width: Math.max(200, within.clientWidth),
      height: HEIGHT,
      legend: { show: false },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), hand.timeZone),
      cursor: { y: false, points: { show: Boolean(picture.line) }, drag: { x: true, y: false, setScale: false } },
      scales: {
        x: { range: () => [shown.stretch.from / 1000, shown.stretch.to / 1000] },
        y: picture.line ? { range: (_, least, most) => room(least, most, shown.bounds) } : { range: () => [0, 1] },
      },
      axes: [
        {
          ...axis,
          space: 70,
          size: 32,
          values: (_, splits, __, ___, step) => splits.map((split) => name(split, step)),
        },
        {
          ...axis,
          show: Boolean(picture.line),
          size: (_, labels) => 14 + 7.2 * Math.max(3, ...(labels ?? []).map((label) => label.length)),
          values: (_, splits) => splits.map((split) => hand.number(split)),
        },
      ],
      series: series(colors, picture),
      ...(picture.line?.least && { bands: [{ series: [3, 2] as [number, number], fill: colors.band }] }),
      hooks: {
        drawClear: [(self) => !shown.line && paint(self, shown, colors)],
        setSelect: [
          (self) => {
            drawn = self.select.width >= DRAWN;
            if (!drawn) return;
            const [from, to] = [self.select.left, self.select.left + self.select.width];
            self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            hand.zoom(self.posToVal(from, "x") * 1000, self.posToVal(to, "x") * 1000);
          },
        ],
        setCursor: [
          (self) => {
            const { left } = self.cursor;
            hand.over(left === undefined || left < 0 ? null : self.posToVal(left, "x") * 1000);
          },
        ],
      },
    },
    data(picture),
    within,
  );
  chart.over.addEventListener("mousedown", () => (drawn = false));
  chart.over.addEventListener("click", () => {
    const { left } = chart.cursor;
    if (!drawn && left !== undefined && left >= 0) hand.pick(chart.posToVal(left, "x") * 1000);
  });
  const sizes = new ResizeObserver(() => chart.setSize({ width: Math.max(200, within.clientWidth), height: HEIGHT }));
  sizes.observe(within);

  return {
    update(next) {
      shown = next;
      chart.setData(data(next));
    },
    end() {
      sizes.disconnect();
      chart.destroy();
    },
  };
}

function series(colors: Palette, { line }: Picture): uPlot.Series[] {
  if (!line) return [{}, { show: true, stroke: "transparent", points: { show: false } }];
  const stepped = uPlot.paths.stepped?.({ align: 1 });
  const main: uPlot.Series = {
    stroke: colors.fire,
    width: 2,
    spanGaps: true,
    points: { show: line.at.length < 3 },
    ...(!line.least && stepped && { paths: stepped }),
  };
  const edge: uPlot.Series = { stroke: "transparent", points: { show: false }, spanGaps: true };
  return line.least ? [{}, main, edge, edge] : [{}, main];
}

function data({ line, pieces, stretch }: Picture): uPlot.AlignedData {
  if (line) return [line.at, line.mean, ...(line.least && line.most ? [line.least, line.most] : [])];
  const at = pieces.length > 0 ? pieces.map((piece) => piece.from) : [stretch.from / 1000];
  return [at, at.map(() => 0)];
}

/** Colours of lights in themselves, other values each in one of the palette's. */
function colorOf(value: unknown, values: unknown[], colors: Palette): string {
  if (isOff(value)) return colors.off;
  const light = hueSaturation(value);
  if (light) return css(light);
  const place = values.findIndex((one) => JSON.stringify(one) === JSON.stringify(value));
  return colors.values[Math.max(0, place) % colors.values.length] as string;
}

/** Pieces as blocks; off is a thin line. */
function paint(self: uPlot, { pieces, values }: Picture, colors: Palette): void {
  const { ctx, bbox } = self;
  ctx.save();
  for (const piece of pieces) {
    const [left, right] = [piece.from, piece.to].map((moment) => self.valToPos(moment, "x", true)) as [number, number];
    const off = isOff(piece.value);
    const inset = off ? bbox.height * 0.42 : bbox.height * 0.15;
    ctx.fillStyle = colorOf(piece.value, values, colors);
    ctx.fillRect(left, bbox.top + inset, Math.max(1, right - left), bbox.height - 2 * inset);
  }
  ctx.restore();
}
