// Jobs, newest first.
import './frame.js';
import { get, part, query } from './api.js';
import { byId, fill, h } from './dom.js';
import * as format from './format.js';
import { badge, broken, command, empty, instant, paging } from './parts.js';

const LIMIT = 20;
const STATUSES = ['', 'running', 'completed', 'failed', 'cancelled', 'pending'];

const tabs = STATUSES.map((status) =>
  h('button', { type: 'button', onclick: () => go(status, 1) }, status === '' ? 'All' : format.words(status)),
);

function state() {
  const address = new URLSearchParams(location.search);
  return {
    status: STATUSES.includes(address.get('status')) ? address.get('status') : '',
    page: Math.max(1, Number.parseInt(address.get('page') ?? '1', 10) || 1),
  };
}

function go(status, page) {
  history.pushState(null, '', `/jobs${query({ status, page: page > 1 ? page : '' })}`);
  show();
}

async function show() {
  const { status, page } = state();
  tabs.forEach((tab, index) => tab.setAttribute('aria-pressed', String(STATUSES[index] === status)));
  try {
    const { jobs, pagination } = await get(`/api/training/jobs${query({ status, page, limit: LIMIT })}`);
    byId('total').textContent = format.plural(pagination.total, 'job');
    fill(byId('jobs'), jobs.length > 0 ? table(jobs) : nothing(status));
    paging(byId('pages'), pagination, (to) => go(status, to));
  } catch (problem) {
    fill(byId('jobs'), broken(problem, show));
  }
}

function table(jobs) {
  return h(
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
          ['Job', 'Status', 'Dataset', 'Cost', 'Created', 'Took'].map((name) =>
            h('th', { class: name === 'Cost' || name === 'Took' ? 'number' : '' }, name),
          ),
        ),
      ),
      h(
        'tbody',
        {},
        jobs.map((job) =>
          h(
            'tr',
            { 'data-testid': 'job' },
            h(
              'td',
              { class: 'fill' },
              h('a', { class: 'strong', href: `/jobs/${part(job.job_id)}` }, job.name),
              job.name !== job.job_id && h('div', { class: 'muted small' }, job.job_id),
            ),
            h('td', {}, badge(job.status)),
            h('td', { class: 'optional' }, job.dataset?.name ?? job.dataset?.id ?? format.NONE),
            h('td', { class: 'number optional' }, format.cost(job.total_cost)),
            h('td', {}, instant(job.created_at, format.ago)),
            h(
              'td',
              { class: 'number optional' },
              job.started_at && job.completed_at
                ? format.seconds((new Date(job.completed_at) - new Date(job.started_at)) / 1000)
                : format.NONE,
            ),
          ),
        ),
      ),
    ),
  );
}

const nothing = (status) =>
  status
    ? empty(
        `No ${status} jobs`,
        'Jobs in another state are under the other tabs.',
        h('button', { type: 'button', onclick: () => go('', 1) }, 'Show all'),
      )
    : empty(
        'No jobs yet',
        'A trainer with the scope sluice:ingest registers a job for you, and it shows up here:',
        command(
          `curl -H "Authorization: Bearer $TRAINER_TOKEN" -H 'Content-Type: application/json' \\\n  -d '{"job_id":"run-1","name":"My first model","owner":"${document.querySelector('.owner').textContent}"}' ${location.origin}/api/training/jobs`,
          'the command',
        ),
      );

addEventListener('popstate', show);
fill(byId('status'), tabs);
show();
// Not under somebody's fingers.
setInterval(() => !document.hidden && !byId('jobs').contains(document.activeElement) && show(), 15000);
