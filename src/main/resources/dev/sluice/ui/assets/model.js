// One model: judge it, take it, share it.
import './frame.js';
import { get, part, post } from './api.js';
import { lines, losses } from './chart.js';
import { byId, fill, h } from './dom.js';
import * as format from './format.js';
import { files, take } from './model-files.js';
import { discard, edit, sharing } from './model-owner.js';
import { action, badge, broken, facts, instant, quality, stars, tags } from './parts.js';

const place = byId('model');
const id = location.pathname.split('/')[2];
const path = `/api/models/${id}`;
const self = document.querySelector('.owner').textContent;
let model;

async function show() {
  try {
    model = await get(path);
    document.title = `${model.name} v${model.version} · Sluice`;
    const versions = (await get(`${path}/versions`)).versions;
    fill(
      place,
      heading(),
      warning(),
      figures(),
      h(
        'div',
        { class: 'columns' },
        h('div', {}, curve(), files(model)),
        h(
          'div',
          { class: 'stack' },
          configuration(),
          origin(),
          history(versions),
          model.owner === self && sharing(model),
        ),
      ),
    );
  } catch (problem) {
    fill(place, broken(problem));
  }
}

function heading() {
  const own = model.owner === self;
  return h(
    'div',
    { class: 'heading' },
    h(
      'div',
      {},
      h('h1', {}, model.name),
      h(
        'div',
        { class: 'sub' },
        h('span', { class: 'number' }, `Version ${model.version}`),
        !own && h('span', {}, `from ${model.owner}`),
        instant(model.created_at),
        model.algorithm && h('span', {}, model.algorithm),
        model.task_type && h('span', {}, format.words(model.task_type)),
        model.safety && badge(model.safety),
      ),
      model.description && h('p', { class: 'wrap' }, model.description),
      tags(model.tags),
    ),
    h(
      'div',
      { class: 'actions' },
      own && h('button', { type: 'button', onclick: () => edit(model, show) }, 'Edit'),
      own && h('button', { type: 'button', class: 'danger', onclick: () => discard(model) }, 'Delete'),
      action(`Download all · ${format.bytes(model.archive.size)}`, () => take(model), {
        testid: 'download',
        kind: 'primary',
        symbol: 'down',
      }),
    ),
  );
}

const warning = () =>
  model.safety === 'suspicious' &&
  h(
    'p',
    { class: 'notice' },
    'A pickle file in this model would run code that models do not need. Load it only if you trust who trained it.',
  );

function figures() {
  const summary = model.training_summary ?? {};
  const tile = (name, value, more) => h('div', {}, h('dt', {}, name), h('dd', {}, value, more && h('small', {}, more)));
  return h(
    'dl',
    { class: 'tiles' },
    h(
      'div',
      {},
      h('dt', {}, 'Quality'),
      h('dd', { class: 'quality-line' }, stars(model.quality_score, true), quality(model.convergence)),
    ),
    tile(
      'Final loss',
      format.decimal(model.final_loss),
      summary.loss_reduction > 0 && `${format.decimal(summary.loss_reduction, 3)} % lower than at first`,
    ),
    tile(
      'Perplexity',
      format.decimal(model.perplexity),
      summary.validation_loss != null && `Validation loss ${format.decimal(summary.validation_loss)}`,
    ),
    tile(
      'Training',
      format.seconds(summary.duration_seconds),
      [
        summary.epochs != null && `${format.decimal(summary.epochs, 3)} epochs`,
        summary.steps != null && `${format.integer(summary.steps)} steps`,
      ]
        .filter(Boolean)
        .join(', '),
    ),
    tile('Cost', format.cost(model.total_cost)),
    tile('Size', format.bytes(model.size), format.plural(model.files.length, 'file')),
  );
}

function curve() {
  const series = losses(model.curve ?? []);
  return h(
    'section',
    { class: 'panel', 'aria-labelledby': 'curve-title', 'data-testid': 'loss-curve' },
    h('h2', { id: 'curve-title' }, 'Loss'),
    series.some((one) => one.points.length > 0)
      ? lines(series, { label: 'Training and validation loss by step', x: 'Step' })
      : h('p', { class: 'muted' }, 'No losses were reported for this training.'),
  );
}

const panel = (title, ...children) => h('section', { class: 'panel' }, h('h2', {}, title), ...children);

function configuration() {
  const entries = Object.entries(model.config ?? {});
  const metrics = Object.entries(model.metrics ?? {});
  return [
    metrics.length > 0 &&
      panel('Metrics', facts(metrics.map(([name, value]) => [format.words(name), format.value(value)]))),
    panel(
      'Configuration',
      entries.length > 0
        ? facts(entries.map(([name, value]) => [format.words(name), format.value(value)]))
        : h('p', { class: 'muted' }, 'The trainer told none.'),
    ),
  ];
}

function origin() {
  const job = model.job ?? {};
  return panel(
    'Origin',
    facts([
      [
        'Job',
        model.owner === self
          ? h('a', { href: `/jobs/${part(model.job_id)}` }, job.name ?? model.job_id)
          : (job.name ?? model.job_id),
      ],
      ['Dataset', model.dataset?.name ?? model.dataset?.id ?? format.NONE],
      ['Started', instant(job.started_at, format.time)],
      ['Completed', instant(job.completed_at, format.time)],
    ]),
  );
}

function history(versions) {
  return panel(
    'Versions',
    h(
      'ul',
      { class: 'facts' },
      versions.map((version) =>
        h(
          'li',
          {},
          h(
            'span',
            {},
            version.id === model.id
              ? h('strong', {}, `Version ${version.version}`)
              : h('a', { href: `/models/${version.id}` }, `Version ${version.version}`),
            ' ',
            h('span', { class: 'muted small' }, instant(version.created_at)),
          ),
          version.id === model.id
            ? h('span', { class: 'muted small' }, 'This one')
            : model.owner === self &&
                action('Make latest', () => rollBack(version), {
                  kind: 'quiet',
                  'aria-label': `Make version ${version.version} the latest`,
                }),
        ),
      ),
    ),
  );
}

async function rollBack(version) {
  const latest = await post(`/api/models/${version.id}/rollback`);
  location.assign(`/models/${latest.id}`);
}

show();
