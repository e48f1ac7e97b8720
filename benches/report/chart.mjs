// Draws the ratios as bars, a panel for each measure with a limit: an SVG that needs no script and no font of its own, and looks
// the same on a dark page.

import { BASE, CLIENTS, OURS } from "../clients.mjs";
import { MEASURES } from "../measures.mjs";

const NAMES = Object.keys(CLIENTS).filter((name) => name !== BASE);
const PANELS = MEASURES.filter(({ limit }) => limit !== undefined);
const COLUMNS = 2;
const [LABEL, BAR, VALUE, ROW, HEAD, MARGIN] = [250, 180, 50, 18, 44, 16];
const WIDTH = LABEL + BAR + VALUE + MARGIN;
const HEIGHT = HEAD + NAMES.length * ROW + MARGIN;

const escape = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const text = (x, y, content, more = "") => `<text x="${x}" y="${y}" ${more}>${escape(content)}</text>`;

/** @param {Record<string, Record<string, { ratio: { value: number, low: number, high: number } }>>} measured */
export function chart(measured) {
  const [width, height] = [WIDTH * COLUMNS + MARGIN, HEIGHT * Math.ceil(PANELS.length / COLUMNS) + MARGIN];
  const panels = PANELS.map((measure, at) => {
    const [x, y] = [MARGIN + (at % COLUMNS) * WIDTH, MARGIN + Math.floor(at / COLUMNS) * HEIGHT];
    return `<g transform="translate(${x} ${y})">\n${panel(measure, measured[measure.id])}\n</g>`;
  });
  const style = 'font-family="sans-serif" font-size="12" fill="#1f2328"';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" ${style}>
<title>Time and CPU of clients, as multiples of bare fetch: shorter is better</title>
<rect width="${width}" height="${height}" fill="#ffffff"/>
${panels.join("\n")}
</svg>
`;
}

/** Bars from 0, the quartiles as a line over each, and rules at bare fetch and at the limit. */
function panel({ title, limit }, clients) {
  const longest = Math.max(limit, ...NAMES.map((name) => clients[name].ratio.high));
  const at = (ratio) => (LABEL + (ratio / longest) * BAR).toFixed(1);
  const bottom = HEAD + NAMES.length * ROW;
  const rule = (ratio, style) => `<path d="M${at(ratio)} ${HEAD - 6}V${bottom}" fill="none" ${style}/>`;
  const bars = NAMES.map((name, row) => {
    const { value, low, high } = clients[name].ratio;
    const y = HEAD + row * ROW;
    const color = name === OURS ? "#0b5fb0" : "#9aa4af";
    return [
      text(LABEL - 6, y + 12, CLIENTS[name].label, `text-anchor="end"${name === OURS ? ' font-weight="bold"' : ""}`),
      `<rect x="${LABEL}" y="${y + 2}" width="${(at(value) - LABEL).toFixed(1)}" height="${ROW - 5}" fill="${color}"/>`,
      `<path d="M${at(low)} ${y + 8.5}H${at(high)}" stroke="#1f2328"/>`,
      text(LABEL + BAR + 6, y + 12, value.toFixed(2)),
    ].join("\n");
  });
  return [
    text(0, 14, title, 'font-weight="bold"'),
    text(0, 30, `× bare fetch (dotted), limit ${limit} (dashed)`, 'fill="#59636e"'),
    ...bars,
    rule(1, 'stroke="#59636e" stroke-dasharray="1 3"'),
    rule(limit, 'stroke="#b3261e" stroke-dasharray="5 3"'),
  ].join("\n");
}
