// Find a model: sorted, filtered, page by page; pick some to compare, take or delete.
import './frame.js';
import { get, link, post, query, save } from './api.js';
import { byId, fill, h } from './dom.js';
import * as format from './format.js';
import {
  action,
  badge,
  broken,
  command,
  confirm,
  empty,
  failed,
  instant,
  paging,
  quality,
  stars,
  tags,
  toast,
} from './parts.js';

const LIMIT = 12;
const form = byId('filters');
const list = byId('models');
const chosen = new Map();
let under = new AbortController();

const fields = ['q', 'sort', 'quality_min', 'tag', 'dataset', 'from', 'to', 'latest'];

function wanted() {
  const given = new FormData(form);
  return Object.fromEntries(fields.map((name) => [name, given.get(name) ?? '']));
}

const usual = (name) => (name === 'sort' ? 'recent' : '');

function restore(state = new URLSearchParams(location.search)) {
  for (const name of fields) {
    const control = form.elements[name];
    if (control.type === 'checkbox') {
      control.checked = state.get(name) === 'true';
    } else {
      control.value = state.get(name) ?? usual(name);
    }
  }
  return Math.max(1, Number.parseInt(state.get('page') ?? '1', 10) || 1);
}

async function show(page, remember) {
  under.abort();
  under = new AbortController();
  const filter = wanted();
  const more = ['tag', 'dataset', 'from', 'to', 'latest'].filter((name) => filter[name]).length;
  byId('narrowed').textContent = more > 0 ? ` · ${more}` : '';
  if (remember) {
    const address = query({ ...filter, sort: filter.sort === 'recent' ? '' : filter.sort, page: page > 1 ? page : '' });
    history[remember](null, '', `/models${address}`);
  }
  list.setAttribute('aria-busy', 'true');
  try {
    const { models, pagination } = await get(`/api/models${query({ ...filter, page, limit: LIMIT })}`, under.signal);
    byId('total').textContent = format.plural(pagination.total, 'model');
    fill(list, models.length > 0 ? models.map(card) : nothing(filter, page));
    paging(byId('pages'), pagination, async (to) => {
      await show(to, 'pushState');
      byId('main').focus({ preventScroll: true });
      scrollTo({ top: 0 });
    });
  } catch (problem) {
    if (problem.name !== 'AbortError') {
      byId('total').textContent = '\u00a0';
      fill(
        list,
        h(
          'li',
          { class: 'whole' },
          broken(problem, () => show(page)),
        ),
      );
      fill(byId('pages'));
    }
  }
}

function nothing(filter, page) {
  if (page > 1 || fields.some((name) => name !== 'sort' && filter[name])) {
    return h(
      'li',
      { class: 'whole' },
      empty(
        'No models match',
        'Try other words, or fewer filters.',
        h('button', { type: 'button', onclick: reset }, 'Clear filters'),
      ),
    );
  }
  return h(
    'li',
    { class: 'whole' },
    empty(
      'No models yet',
      'A model appears here by itself when one of your training jobs completes. Until then, look at your jobs, or let a trainer register one:',
      command(
        `curl -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\\n  -d '{"job_id":"run-1","name":"My first model"}' ${location.origin}/api/training/jobs`,
        'the command',
      ),
      h('div', { class: 'actions' }, h('a', { class: 'button primary', href: '/jobs' }, 'See your jobs')),
    ),
  );
}

function card(model) {
  const title = `title-${model.id}`;
  const box = h('input', {
    type: 'checkbox',
    'aria-label': `Select ${model.name}, version ${model.version}`,
    onchange: () => choose(model, box.checked, element),
  });
  box.checked = chosen.has(model.id);
  const element = h(
    'li',
    { class: box.checked ? 'card selected' : 'card', 'data-testid': 'model-card', 'aria-labelledby': title },
    h(
      'div',
      { class: 'row' },
      h('h2', { id: title }, h('a', { href: `/models/${model.id}` }, model.name)),
      h('label', { class: 'pick' }, box),
    ),
    h('div', { class: 'quality-line' }, stars(model.quality_score), quality(model.convergence), safety(model)),
    about(model) && h('p', { class: 'muted small wrap' }, about(model)),
    model.description && h('p', { class: 'description' }, model.description),
    tags(model.tags),
    h(
      'dl',
      { class: 'meta' },
      h('div', {}, h('dt', {}, 'Created'), h('dd', {}, instant(model.created_at))),
      h('div', {}, h('dt', {}, 'Size'), h('dd', {}, format.bytes(model.size))),
      h('div', {}, h('dt', {}, 'Cost'), h('dd', {}, format.cost(model.total_cost))),
    ),
  );
  element
    .querySelector('h2')
    .append(
      h('span', { class: 'muted small' }, ` v${model.version}`),
      model.owner !== owner() ? h('span', { class: 'muted small' }, ` · from ${model.owner}`) : '',
    );
  return element;
}

const about = (model) =>
  [model.algorithm, model.task_type && format.words(model.task_type), model.dataset?.name ?? model.dataset?.id]
    .filter(Boolean)
    .join(' · ');

const owner = () => document.querySelector('.owner').textContent;

const safety = (model) =>
  model.safety === 'suspicious' &&
  badge('suspicious', { title: 'A pickle file in it would run code that models do not need' });

function choose(model, isChosen, element) {
  if (isChosen) {
    chosen.set(model.id, model);
  } else {
    chosen.delete(model.id);
  }
  element.classList.toggle('selected', isChosen);
  showSelection();
}

function showSelection() {
  const bar = byId('selection');
  bar.hidden = chosen.size === 0;
  const ids = [...chosen.keys()];
  fill(
    bar,
    h('span', { class: 'strong' }, `${chosen.size} selected`),
    chosen.size >= 2 && chosen.size <= 10
      ? h('a', { class: 'button', href: `/models/compare?ids=${ids.join(',')}` }, 'Compare')
      : h('button', { type: 'button', disabled: true, title: 'Choose 2 to 10 models' }, 'Compare'),
    action('Download', () => take(ids), { symbol: 'down' }),
    h('button', { type: 'button', class: 'danger', onclick: () => discard(ids) }, 'Delete'),
    h('button', { type: 'button', class: 'quiet', onclick: clear }, 'Clear'),
  );
}

function clear() {
  chosen.clear();
  showSelection();
  list.querySelectorAll('.selected').forEach((element) => {
    element.classList.remove('selected');
    element.querySelector('input').checked = false;
  });
}

/** One download each, which the browser shows and resumes; it asks once whether this page may start several. */
async function take(ids) {
  const { downloads } =
    ids.length === 1
      ? { downloads: [await link(ids[0])] }
      : await post('/api/models/bulk', { action: 'download', ids });
  downloads.forEach((download) => save(download.archive.url));
  toast(`${format.plural(downloads.length, 'download')} started`);
}

function discard(ids) {
  confirm(
    `Delete ${format.plural(ids.length, 'model')}?`,
    'They disappear at once, as do links to them. They can be restored for a while.',
    'Delete',
    async () => {
      const { deleted, not_found: missing } = await post('/api/models/bulk', { action: 'delete', ids });
      toast(
        missing.length > 0
          ? `${deleted.length} deleted; ${missing.length} are not yours to delete`
          : `${format.plural(deleted.length, 'model')} deleted`,
        missing.length > 0,
      );
      clear();
      await show(1, 'replaceState');
    },
  );
}

async function reset() {
  form.reset();
  await show(1, 'pushState');
}

/** As the address says, but for what was typed or chosen before this script came. */
function begin() {
  const found = wanted();
  const page = restore();
  const told = wanted();
  const early = fields.filter((name) => found[name] !== told[name] && found[name] !== usual(name));
  if (early.length === 0) {
    show(page);
    return;
  }
  restore(new URLSearchParams({ ...told, ...Object.fromEntries(early.map((name) => [name, found[name]])) }));
  show(1, 'replaceState');
}

let typing;
form.addEventListener('input', (event) => {
  clearTimeout(typing);
  const isText = event.target.type === 'search' || event.target.name === 'tag' || event.target.name === 'dataset';
  typing = setTimeout(() => show(1, 'replaceState').catch(failed), isText ? 200 : 0);
});
form.addEventListener('submit', (event) => {
  event.preventDefault();
  show(1, 'replaceState');
});
byId('reset').addEventListener('click', reset);
addEventListener('popstate', () => show(restore()));
begin();
