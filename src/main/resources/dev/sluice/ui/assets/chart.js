// Plots as SVG, in the page's colours. Values are shown under the pointer, and by the arrow keys.
import { h, s } from './dom.js';
import { decimal } from './format.js';

const LEFT = 56;
const RIGHT = 12;
const TOP = 12;
const BOTTOM = 30;

/** About `count` round numbers that cover the range. */
function ticks(low, high, count) {
  const rough = (high - low || 1) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough);
  const found = [];
  for (let at = Math.ceil(low / step - 1e-9) * step; at <= high + step * 1e-9; at += step) {
    found.push(Math.abs(at) < step * 1e-9 ? 0 : at);
  }
  return found;
}

function legend(series) {
  return h(
    'div',
    { class: 'legend' },
    series.map((one, index) =>
      h(
        'span',
        {},
        s(
          'svg',
          { viewBox: '0 0 24 10', 'aria-hidden': 'true' },
          s('line', {
            x1: 1,
            x2: 23,
            y1: 5,
            y2: 5,
            class: `s${one.colour ?? index + 1}${one.dashed ? ' dashed' : ''}`,
          }),
        ),
        one.name,
      ),
    ),
  );
}

function plane(width, height, label, lows, highs, formatX, formatY, xTicks) {
  const [x0, y0] = lows;
  const [x1, y1] = highs;
  const px = (x) => LEFT + ((x - x0) / (x1 - x0 || 1)) * (width - LEFT - RIGHT);
  const py = (y) => height - BOTTOM - ((y - y0) / (y1 - y0 || 1)) * (height - TOP - BOTTOM);
  const svg = s(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, role: 'group', 'aria-label': label },
    ticks(y0, y1, 5)
      .map((y) => [
        s('line', { class: 'gridline', x1: LEFT, x2: width - RIGHT, y1: py(y), y2: py(y) }),
        s('text', { x: LEFT - 8, y: py(y) + 4, 'text-anchor': 'end' }, formatY(y)),
      ])
      .flat(),
    (xTicks ?? ticks(x0, x1, width / 110)).map((x) =>
      s('text', { x: px(x), y: height - 8, 'text-anchor': px(x) > width - 40 ? 'end' : 'middle' }, formatX(x)),
    ),
  );
  return { svg, px, py };
}

/** Moves through the places by pointer and keys; `show` gets an index, or null. */
function explore(svg, width, height, places, label, show) {
  let at = null;
  const go = (index) => {
    at = index;
    show(at);
  };
  const nearest = (event) => {
    const box = svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * width;
    return places.reduce((best, place, index) => (Math.abs(place - x) < Math.abs(places[best] - x) ? index : best), 0);
  };
  const hit = s('rect', {
    class: 'hit',
    x: LEFT,
    y: TOP,
    width: width - LEFT - RIGHT,
    height: height - TOP - BOTTOM,
    tabindex: 0,
    role: 'slider',
    'aria-label': label,
    'aria-valuemin': 0,
    'aria-valuemax': places.length - 1,
    'aria-valuenow': 0,
    'aria-valuetext': 'Use the arrow keys',
    onpointermove: (event) => go(nearest(event)),
    onpointerdown: (event) => go(nearest(event)),
    onpointerleave: () => go(null),
    onblur: () => go(null),
    onkeydown: (event) => {
      const last = places.length - 1;
      const to = { ArrowLeft: (at ?? 1) - 1, ArrowRight: (at ?? -1) + 1, Home: 0, End: last }[event.key];
      if (to !== undefined) {
        event.preventDefault();
        go(Math.max(0, Math.min(last, to)));
      } else if (event.key === 'Escape') {
        go(null);
      }
    },
  });
  svg.append(hit);
  return hit;
}

const nearestPoint = (points, at) =>
  points.reduce((best, point) => (Math.abs(point[0] - at) < Math.abs(best[0] - at) ? point : best));

function tip(figure) {
  const box = h('div', { class: 'tip', hidden: true });
  figure.append(box);
  return {
    show(x, height, title, lines) {
      box.replaceChildren(
        h('span', { class: 'muted' }, title),
        ...lines.map(([name, value]) => h('div', {}, h('span', {}, name), h('b', {}, value))),
      );
      box.hidden = false;
      const room = figure.clientWidth;
      box.style.left = `${x > room / 2 ? Math.max(0, x - box.offsetWidth - 14) : Math.min(x + 14, room - box.offsetWidth)}px`;
      box.style.top = `${height}px`;
    },
    hide() {
      box.hidden = true;
    },
  };
}

/** Draws again for each width, so that text keeps its size; the height is taken from the start. */
function responsive(height, draw) {
  const figure = h('div', { class: 'chart' });
  figure.style.minHeight = `${height}px`;
  let drawn = 0;
  new ResizeObserver(() => {
    const width = figure.clientWidth;
    if (width > 0 && width !== drawn) {
      drawn = width;
      figure.replaceChildren();
      draw(figure, width);
    }
  }).observe(figure);
  return figure;
}

/**
 * Curves over one axis: series of {name, points: [[x, y]…], colour?, dashed?}, points by x. Missing values are left out beforehand.
 */
export function lines(series, { label, x, height = 300 }) {
  const drawn = series.filter((one) => one.points.length > 0);
  const all = drawn.flatMap((one) => one.points);
  const xs = [...new Set(all.map(([at]) => at))].sort((a, b) => a - b);
  const values = all.map(([, y]) => y);
  const least = values.reduce((a, b) => Math.min(a, b));
  const most = values.reduce((a, b) => Math.max(a, b));
  const margin = (most - least || Math.abs(most) || 1) * 0.06;
  const low = least >= 0 ? Math.max(0, least - margin) : least - margin;
  const figure = responsive(height, (figure, width) => {
    const { svg, px, py } = plane(
      width,
      height,
      label,
      [xs[0], low],
      [xs.at(-1), most + margin],
      (at) => decimal(at, 6),
      (y) => decimal(y, 3),
    );
    drawn.forEach((one, index) =>
      svg.append(
        s('path', {
          class: `curve s${one.colour ?? index + 1}${one.dashed ? ' dashed' : ''}`,
          d: one.points
            .map(([at, y], point) => `${point === 0 ? 'M' : 'L'}${px(at).toFixed(1)} ${py(y).toFixed(1)}`)
            .join(''),
        }),
      ),
    );
    const hair = s('line', { class: 'hair', y1: TOP, y2: height - BOTTOM, visibility: 'hidden' });
    const dots = drawn.map((one, index) =>
      s('circle', { class: `dot f${one.colour ?? index + 1}`, r: 4.5, visibility: 'hidden' }),
    );
    svg.append(hair, ...dots);
    figure.append(svg);
    const box = tip(figure);
    const hit = explore(svg, width, height, xs.map(px), `${label}: values`, (index) => {
      if (index === null) {
        hair.setAttribute('visibility', 'hidden');
        dots.forEach((dot) => dot.setAttribute('visibility', 'hidden'));
        box.hide();
        return;
      }
      const at = xs[index];
      hair.setAttribute('x1', px(at));
      hair.setAttribute('x2', px(at));
      hair.setAttribute('visibility', 'visible');
      const told = [];
      drawn.forEach((one, place) => {
        const [step, y] = nearestPoint(one.points, at);
        dots[place].setAttribute('visibility', 'visible');
        dots[place].setAttribute('cx', px(step));
        dots[place].setAttribute('cy', py(y));
        told.push([step === at ? one.name : `${one.name}, at ${decimal(step, 8)}`, decimal(y, 5)]);
      });
      const title = `${x} ${decimal(at, 8)}`;
      box.show(px(at), 8, title, told);
      hit.setAttribute('aria-valuenow', index);
      hit.setAttribute('aria-valuetext', `${title}: ${told.map((line) => line.join(' ')).join(', ')}`);
    });
  });
  return h('div', {}, legend(drawn), figure);
}

/** Stacked bars: steps of {name, values}, one value for each of the parts {name, colour}. */
export function bars(steps, parts, { label, height = 240, formatY = (y) => decimal(y, 3) }) {
  const highest = Math.max(1, ...steps.map((step) => step.values.reduce((a, b) => a + b, 0)));
  const figure = responsive(height, (figure, width) => {
    const every = Math.ceil(steps.length / (width / 95));
    const marks = steps.map((_, index) => index).filter((index) => index % every === 0);
    const { svg, px, py } = plane(
      width,
      height,
      label,
      [-0.5, 0],
      [steps.length - 0.5, highest * 1.05],
      (index) => steps[index].name,
      formatY,
      marks,
    );
    const thickness = Math.max(1.5, ((width - LEFT - RIGHT) / steps.length) * 0.68);
    steps.forEach((step, index) => {
      let base = 0;
      step.values.forEach((value, part) => {
        if (value > 0) {
          const top = py(base + value);
          svg.append(
            s('rect', {
              class: `f${parts[part].colour}`,
              x: px(index) - thickness / 2,
              width: thickness,
              y: top,
              height: Math.max(1, py(base) - top),
              rx: Math.min(3, thickness / 4),
            }),
          );
          base += value;
        }
      });
    });
    figure.append(svg);
    const box = tip(figure);
    const hit = explore(
      svg,
      width,
      height,
      steps.map((_, index) => px(index)),
      `${label}: values`,
      (index) => {
        if (index === null) {
          box.hide();
          return;
        }
        const told = parts.map((part, place) => [part.name, formatY(steps[index].values[place])]);
        box.show(px(index), 8, steps[index].title ?? steps[index].name, told);
        hit.setAttribute('aria-valuenow', index);
        hit.setAttribute('aria-valuetext', `${steps[index].name}: ${told.map((line) => line.join(' ')).join(', ')}`);
      },
    );
  });
  return h('div', {}, parts.length > 1 && legend(parts), figure);
}

/** The two curves of one training, from points of the API. */
export function losses(points, { names = ['Training', 'Validation'], colours = [1, 2], dashed = [false, false] } = {}) {
  return ['train_loss', 'validation_loss'].map((key, index) => ({
    name: names[index],
    colour: colours[index],
    dashed: dashed[index],
    points: points.filter((point) => Number.isFinite(point[key])).map((point) => [point.step, point[key]]),
  }));
}
