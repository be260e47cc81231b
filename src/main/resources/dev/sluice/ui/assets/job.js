// One job: watch it, read its log, take what it has made, keep the best of it.
import './frame.js';
import { download, get, part } from './api.js';
import { lines, losses } from './chart.js';
import { byId, fill, h, refill } from './dom.js';
import * as format from './format.js';
import { leaderboard, saveButton } from './job-results.js';
import { action, badge, broken, command, facts, failed, instant, progress } from './parts.js';

const KEPT_LOG = 200_000;
const place = byId('job');
const id = decodeURIComponent(location.pathname.split('/')[2]);
const base = `/api/training/${part(id)}`;

const head = h('div', { class: 'heading' });
const trouble = h('div');
const bar = progress('Training progress', 0);
const under = h('div', { class: 'panel rows', hidden: true }, h('p', { class: 'small muted number' }), bar.meter);
const curve = h('section', { class: 'panel', 'data-testid': 'loss-curve', hidden: true });
const log = h('pre', { class: 'log', tabindex: 0, role: 'log', 'aria-label': 'Training log', 'aria-live': 'off' });
const logs = h('section', { class: 'section', hidden: true });
const board = h('section', { class: 'section', hidden: true });
const outputs = h('div', { class: 'stack' });

let job;
let read = 0;
let points = [];
let drawn = 0;
let listed = '';
let waiting = false;

const isOver = () => ['completed', 'failed', 'cancelled'].includes(job.status);

async function start() {
  try {
    job = await get(`/api/training/jobs/${part(id)}`);
  } catch (problem) {
    fill(place, broken(problem));
    return;
  }
  fill(
    place,
    head,
    trouble,
    h('div', { class: 'columns' }, h('div', { class: 'stack' }, under, curve, board, logs), outputs),
  );
  fill(
    logs,
    h(
      'div',
      { class: 'heading' },
      h('h2', {}, 'Log'),
      h(
        'div',
        { class: 'actions' },
        action('Download logs', () => download(`${base}/download/logs`), { symbol: 'down' }),
      ),
    ),
    log,
  );
  place.setAttribute('aria-busy', 'true');
  await look();
  place.removeAttribute('aria-busy');
}

/** Once, and again and again while the job runs or something that has come is not shown yet. */
async function look() {
  try {
    job = await get(`/api/training/jobs/${part(id)}`);
    heading();
    await Promise.all([tail(), metrics(), files()]);
  } catch (problem) {
    failed(problem);
  }
  if (!isOver() || waiting || points.length > drawn) {
    setTimeout(look, document.hidden ? 10000 : 2000);
  }
}

function heading() {
  document.title = `${job.name} · Sluice`;
  fill(
    head,
    h(
      'div',
      {},
      h('h1', {}, job.name),
      h(
        'div',
        { class: 'sub' },
        badge(job.status, { 'data-testid': 'status' }),
        job.name !== job.job_id && h('code', { class: 'wrap' }, job.job_id),
        h('span', {}, 'Created ', instant(job.created_at, format.time)),
      ),
    ),
  );
  fill(trouble, job.error && h('p', { class: 'notice' }, job.error));
}

async function tail() {
  const { log: news, progress: told } = await get(`${base}/tail?after=${read}`);
  if (news) {
    logs.hidden = false;
    const isAtEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 24;
    if (news.from !== read) {
      log.textContent = news.from > 0 ? '…\n' : '';
    }
    if (news.text) {
      const all = log.textContent + news.text;
      log.textContent = all.length > KEPT_LOG ? `…\n${all.slice(-KEPT_LOG / 2)}` : all;
    }
    read = news.next;
    if (isAtEnd) {
      log.scrollTop = log.scrollHeight;
    }
  }
  under.hidden = isOver() || !told;
  if (told) {
    const ratio = Number.isFinite(told.percent)
      ? told.percent / 100
      : told.total_steps > 0
        ? told.step / told.total_steps
        : 0;
    bar.set(ratio);
    under.firstChild.textContent = [
      format.percent(ratio),
      told.total_steps > 0 && `Step ${format.integer(told.step)} of ${format.integer(told.total_steps)}`,
    ]
      .filter(Boolean)
      .join(' · ');
  }
}

async function metrics() {
  const after = points.length > 0 ? points.at(-1).step : -1;
  const { metrics: news } = await get(`${base}/metrics?after=${after}`);
  points = points.concat(news);
  const isLookedAt = curve.matches(':hover, :focus-within');
  if (points.length > drawn && !isLookedAt) {
    drawn = points.length;
    curve.hidden = false;
    fill(
      curve,
      h('h2', {}, 'Loss'),
      lines(losses(points), { label: 'Training and validation loss by step', x: 'Step' }),
    );
  }
}

async function files() {
  const { files: found } = await get(`${base}/files`);
  const now = JSON.stringify([job.status, found.map((file) => [file.path, file.size])]);
  // Nothing is taken away under somebody's fingers.
  waiting = now !== listed && [outputs, board].some((place) => place.querySelector(':active, select:focus'));
  if (now === listed || waiting) {
    return;
  }
  listed = now;
  const has = (test) => found.some((file) => test(file.path));
  const isModel = has((path) => path.startsWith('model/'));
  const checkpoints = isModel ? (await get(`${base}/checkpoints`)).checkpoints : [];
  refill(outputs, model(isModel, checkpoints), details(), fileList(found));
  if (has((path) => path === 'models/leaderboard.csv')) {
    await leaderboard(job, board, found);
  }
}

const panel = (title, ...children) => h('section', { class: 'panel stack' }, h('h2', {}, title), ...children);

function model(isModel, checkpoints) {
  if (!isModel) {
    return job.status === 'completed' && !listed.includes('models/')
      ? panel('Model', h('p', { class: 'muted' }, 'This job left no model.'))
      : null;
  }
  // Of each the present one: a URL is that of one state.
  const urls = new Map();
  const select = h(
    'select',
    { id: 'checkpoint', 'data-testid': 'checkpoint-select' },
    h('option', { value: '' }, 'Everything'),
    checkpoints
      .filter((checkpoint) => checkpoint.url)
      .map((checkpoint) => {
        urls.set(checkpoint.name, checkpoint.url);
        return h('option', { value: checkpoint.name }, `${checkpoint.name} · ${format.bytes(checkpoint.size)}`);
      }),
  );
  return panel(
    'Model',
    h('label', { for: 'checkpoint' }, 'Checkpoint'),
    select,
    h(
      'div',
      { class: 'actions' },
      action('Download', () => download(urls.get(select.value) ?? `${base}/download/model`), {
        testid: 'download',
        kind: 'primary',
        symbol: 'down',
      }),
      saveButton(job, null, !listed.includes('models/leaderboard.csv')),
    ),
    command(
      `curl -fOJ -H "Authorization: Bearer $TOKEN" "${location.origin}${base}/download/model"`,
      'the download command',
    ),
  );
}

function details() {
  const config = Object.entries(job.config ?? {});
  return [
    panel(
      'Details',
      facts(
        [
          ['Dataset', job.dataset?.name ?? job.dataset?.id ?? format.NONE],
          ['Cost', format.cost(job.total_cost)],
          ['Started', instant(job.started_at, format.time)],
          ['Ended', instant(job.completed_at, format.time)],
          [
            'Took',
            job.started_at && job.completed_at
              ? format.seconds((new Date(job.completed_at) - new Date(job.started_at)) / 1000)
              : format.NONE,
          ],
          job.publication && ['Publication', format.words(job.publication)],
        ].filter(Boolean),
      ),
    ),
    config.length > 0 &&
      panel('Configuration', facts(config.map(([name, value]) => [format.words(name), format.value(value)]))),
  ];
}

function fileList(found) {
  return (
    found.length > 0 &&
    panel(
      'Files',
      h(
        'ul',
        { class: 'facts' },
        found
          .slice(0, 50)
          .map((file) =>
            h(
              'li',
              {},
              file.url
                ? h('a', { href: file.url, download: '', class: 'wrap' }, file.path)
                : h('span', { class: 'wrap' }, file.path),
              h('span', { class: 'muted number small' }, format.bytes(file.size)),
            ),
          ),
      ),
      found.length > 50 && h('p', { class: 'muted small' }, `and ${format.integer(found.length - 50)} more`),
    )
  );
}

start();
