// What became of downloads: figures, plots, history.
import './frame.js';
import { get, query } from './api.js';
import { bars } from './chart.js';
import { byId, fill, h } from './dom.js';
import * as format from './format.js';
import { badge, broken, empty, instant, paging } from './parts.js';

const period = byId('period');
const SIZES = { small: '< 100 MB', medium: 'to 1 GB', large: '> 1 GB' };

async function figures() {
  const days = Number(period.value);
  const interval = days <= 2 ? 'hour' : 'day';
  const from = new Date(Date.now() - days * 86400000).toISOString();
  try {
    const found = await get(`/api/downloads/stats${query({ interval, from })}`);
    const tile = (name, value, more) => h('div', {}, h('dt', {}, name), h('dd', {}, value, h('small', {}, more)));
    fill(
      byId('figures'),
      h(
        'dl',
        { class: 'tiles' },
        tile(
          'Success rate',
          format.percent(found.success_rate),
          found.success_rate === null
            ? 'None has ended yet'
            : `Target ${format.percent(found.target)}: ${found.target_met ? 'met' : 'missed'}`,
        ),
        tile(
          'Downloads',
          format.integer(found.total),
          `${format.integer(found.completed)} completed, ${format.integer(found.failed)} failed`,
        ),
        tile('Active', format.integer(found.active), `${format.integer(found.unfinished)} paused or left`),
        tile('Delivered', format.bytes(found.bytes), `In ${days <= 2 ? '48 hours' : `${days} days`}`),
      ),
      h(
        'div',
        { class: 'columns even' },
        h(
          'section',
          { class: 'panel' },
          h('h2', {}, 'Downloads over time'),
          bars(
            steps(found, (step) => [step.completed, step.failed, step.total - step.completed - step.failed]),
            [
              { name: 'Completed', colour: 1 },
              { name: 'Failed', colour: 2 },
              { name: 'Others', colour: 5 },
            ],
            { label: 'Downloads over time' },
          ),
        ),
        h(
          'section',
          { class: 'panel' },
          h('h2', {}, 'Delivered over time'),
          bars(
            steps(found, (step) => [step.bytes]),
            [{ name: 'Delivered', colour: 1 }],
            { label: 'Bytes over time', formatY: format.bytes },
          ),
        ),
        h('section', { class: 'panel' }, h('h2', {}, 'Duration by size'), durations(found.by_size)),
        h('section', { class: 'panel' }, h('h2', {}, 'Most downloaded'), popular(found.popular)),
      ),
      Object.keys(found.errors).length > 0 &&
        h(
          'section',
          { class: 'section' },
          h('h2', {}, 'What did not complete'),
          h(
            'div',
            { class: 'actions' },
            Object.entries(found.errors).map(([outcome, count]) =>
              h('span', {}, badge(outcome), ' ', format.integer(count)),
            ),
          ),
        ),
    );
  } catch (problem) {
    fill(byId('figures'), broken(problem, figures));
  }
}

function steps(found, values) {
  const day = new Intl.DateTimeFormat(document.documentElement.lang, {
    day: 'numeric',
    month: 'short',
    timeZone: 'UTC',
  });
  const hour = new Intl.DateTimeFormat(document.documentElement.lang, {
    hour: '2-digit',
    minute: '2-digit',
    timeZone: 'UTC',
  });
  return found.series.map((step) => {
    const at = new Date(step.at);
    return {
      name: (found.interval === 'hour' ? hour : day).format(at),
      title: found.interval === 'hour' ? `${day.format(at)}, ${hour.format(at)} UTC` : day.format(at),
      values: values(step),
    };
  });
}

function durations(sizes) {
  const rows = Object.keys(SIZES).filter((size) => sizes[size]);
  return rows.length === 0
    ? h('p', { class: 'muted' }, 'No download has completed in this time.')
    : h(
        'div',
        { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Duration by size' },
        h(
          'table',
          {},
          h(
            'thead',
            {},
            h(
              'tr',
              {},
              ['Size', 'Completed', 'Median', 'p95', 'p99', 'Speed'].map((name, index) =>
                h('th', { class: index > 0 ? 'number' : '' }, name),
              ),
            ),
          ),
          h(
            'tbody',
            {},
            rows.map((size) =>
              h(
                'tr',
                {},
                h('th', { scope: 'row' }, SIZES[size]),
                [
                  format.integer(sizes[size].completed),
                  format.seconds(sizes[size].duration.p50),
                  format.seconds(sizes[size].duration.p95),
                  format.seconds(sizes[size].duration.p99),
                  format.speed(sizes[size].throughput),
                ].map((cell) => h('td', { class: 'number' }, cell)),
              ),
            ),
          ),
        ),
      );
}

function source(one) {
  if (one.kind === 'catalog') {
    return h('a', { href: '/catalog' }, one.resource);
  }
  return one.resource_type === 'model'
    ? h('a', { href: `/models/${one.resource}` }, `Model ${one.resource.slice(0, 8)}`)
    : h('a', { href: `/jobs/${encodeURIComponent(one.resource)}` }, one.resource);
}

function popular(list) {
  return list.length === 0
    ? h('p', { class: 'muted' }, 'Nothing yet.')
    : h(
        'ol',
        { class: 'facts' },
        list.map((one) =>
          h(
            'li',
            {},
            h(
              'span',
              { class: 'wrap' },
              source(one),
              ' ',
              h('span', { class: 'muted small' }, one.kind),
            ),
            h('span', { class: 'number' }, `${format.integer(one.downloads)} × · ${format.bytes(one.bytes)}`),
          ),
        ),
      );
}

async function history(page) {
  try {
    const { downloads, pagination } = await get(`/api/downloads${query({ page, limit: 20 })}`);
    fill(
      byId('history'),
      downloads.length === 0
        ? empty(
            'No downloads yet',
            'Whatever you take is listed here, with how it ended.',
            h('a', { class: 'button primary', href: '/models' }, 'Find a model'),
          )
        : h(
            'div',
            { class: 'panel flush scroll' },
            h(
              'table',
              { class: 'list' },
              h(
                'thead',
                {},
                h(
                  'tr',
                  {},
                  ['File', 'Outcome', 'Delivered', 'Started', 'Took'].map((name) =>
                    h('th', { class: name === 'Delivered' || name === 'Took' ? 'number' : '' }, name),
                  ),
                ),
              ),
              h(
                'tbody',
                {},
                downloads.map((one) =>
                  h(
                    'tr',
                    {},
                    h(
                      'td',
                      { class: 'fill' },
                      one.filename,
                      h('div', { class: 'muted small' }, format.words(one.kind)),
                    ),
                    h('td', {}, badge(one.outcome)),
                    h(
                      'td',
                      { class: 'number' },
                      one.bytes === one.total_bytes
                        ? format.bytes(one.bytes)
                        : `${format.bytes(one.bytes)} of ${format.bytes(one.total_bytes)}`,
                    ),
                    h('td', {}, instant(one.started_at, format.ago)),
                    h(
                      'td',
                      { class: 'number optional' },
                      one.finished_at
                        ? format.seconds((new Date(one.finished_at) - new Date(one.started_at)) / 1000)
                        : format.NONE,
                    ),
                  ),
                ),
              ),
            ),
          ),
    );
    paging(byId('pages'), pagination, history);
  } catch (problem) {
    fill(
      byId('history'),
      broken(problem, () => history(page)),
    );
  }
}

period.addEventListener('change', figures);
figures();
history(1);
