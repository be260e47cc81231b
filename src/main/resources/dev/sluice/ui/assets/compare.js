// Models side by side, their curves over each other.
import './frame.js';
import { get } from './api.js';
import { lines, losses } from './chart.js';
import { byId, fill, h } from './dom.js';
import * as format from './format.js';
import { broken, empty, quality, stars } from './parts.js';

const place = byId('compare');
const ids = new URLSearchParams(location.search).get('ids') ?? '';

async function show() {
  if (ids.split(',').filter(Boolean).length < 2) {
    fill(
      place,
      empty(
        'Nothing to compare',
        'Choose two or more models in the list, then Compare.',
        h('a', { class: 'button primary', href: '/models' }, 'Choose models'),
      ),
    );
    return;
  }
  try {
    const { models, metrics, config, curves } = await get(`/api/models/compare?ids=${encodeURIComponent(ids)}`);
    const series = models.flatMap((model, index) => {
      const points = curves.find((curve) => curve.id === model.id)?.points ?? [];
      const name = title(model);
      const colour = (index % 6) + 1;
      return losses(points, { names: [name, `${name}, validation`], colours: [colour, colour], dashed: [false, true] });
    });
    fill(
      place,
      h(
        'section',
        { class: 'panel', 'data-testid': 'loss-curve' },
        h('h2', {}, 'Loss'),
        series.some((one) => one.points.length > 0)
          ? lines(series, { label: 'Losses by step', x: 'Step', height: 340 })
          : h('p', { class: 'muted' }, 'No losses were reported for these trainings.'),
      ),
      table('Metrics', models, metrics, true),
      table('Configuration', models, config, false),
    );
  } catch (problem) {
    fill(place, broken(problem));
  }
}

const title = (model) => `${model.name} v${model.version}`;

const NAMES = {
  duration_seconds: 'Duration',
  loss_reduction: 'Loss reduction, %',
  quality_score: 'Quality',
  total_cost: 'Cost',
};

const shown = {
  quality_score: (score) => stars(score),
  convergence: quality,
  size: format.bytes,
  total_cost: format.cost,
  duration_seconds: format.seconds,
};

function table(heading, models, rows, isFirst) {
  return h(
    'section',
    { class: 'section', 'aria-label': heading },
    h('h2', {}, heading),
    h(
      'div',
      { class: 'panel flush scroll', tabindex: 0, role: 'region', 'aria-label': `${heading}, side by side` },
      h(
        'table',
        { class: 'sides' },
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            h('th', {}, h('span', { class: 'sr' }, 'Name')),
            models.map((model) =>
              h(
                'th',
                { class: 'wrap' },
                isFirst ? h('a', { href: `/models/${model.id}` }, title(model)) : title(model),
              ),
            ),
          ),
        ),
        h(
          'tbody',
          {},
          rows.length === 0
            ? h('tr', {}, h('td', { class: 'muted', colspan: models.length + 1 }, 'The trainers told none.'))
            : rows.map((row) =>
                h(
                  'tr',
                  { class: row.differs ? 'differs' : '' },
                  h('th', { scope: 'row', class: 'muted' }, NAMES[row.key] ?? format.words(row.key)),
                  row.values.map((value) =>
                    h('td', {}, value === null ? format.NONE : (shown[row.key] ?? format.value)(value)),
                  ),
                ),
              ),
        ),
      ),
    ),
    isFirst && h('p', { class: 'muted small' }, 'What differs is bold.'),
  );
}

show();
