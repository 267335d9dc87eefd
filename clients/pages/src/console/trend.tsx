/** How one value developed: a small line with its ends in words, so that nothing depends on seeing it. */
import { seconds, type Trend } from "./replies.ts";
import { featureWords, unitWords } from "./words.ts";

const WIDTH = 420;
const HEIGHT = 96;
const MARGIN = 8;

export function TrendLine({ trend }: { trend: Trend }) {
  const points = trend.points.map(({ at, value }) => ({ at: seconds(at), value: Number(value) }));
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return null;
  const values = points.map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (at: number) => MARGIN + ((WIDTH - 2 * MARGIN) * (at - first.at)) / Math.max(1, last.at - first.at);
  const y = (value: number) => HEIGHT - MARGIN - ((HEIGHT - 2 * MARGIN) * (value - low)) / (high - low || 1);
  const minutes = Math.round((last.at - first.at) / 60);
  const unit = unitWords(trend.unit);
  const told = `${featureWords(trend.feature)}: from ${first.value} to ${last.value} ${unit} in ${minutes} min, lowest ${low}, highest ${high}`;
  return (
    <figure class="trend">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={told}>
        <polyline points={points.map(({ at, value }) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(" ")} />
        <circle cx={x(last.at)} cy={y(last.value)} r="5" />
      </svg>
      <figcaption>{told}</figcaption>
    </figure>
  );
}
