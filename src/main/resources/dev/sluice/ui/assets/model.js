// One model: judge it, take it, share it.
import './frame.js';
import { download, get, link, part, patch, post, put, remove, save } from './api.js';
import { lines, losses } from './chart.js';
import { byId, fill, h } from './dom.js';
import * as format from './format.js';
import { action, badge, broken, command, confirm, copyButton, facts, failed, instant, quality, stars, tags, toast } from './parts.js';

const place = byId('model');
const id = location.pathname.split('/')[2];
const path = `/api/models/${id}`;
const self = document.querySelector('.owner').textContent;
const chosen = new Set();
let model;

async function show() {
  try {
    model = await get(path);
    document.title = `${model.name} v${model.version} · Sluice`;
    const versions = (await get(`${path}/versions`)).versions;
    chosen.clear();
    fill(place, heading(), warning(), figures(), h('div', { class: 'columns' },
      h('div', {}, curve(), files()),
      h('div', { class: 'stack' }, configuration(), origin(), history(versions), model.owner === self && sharing())));
  } catch (problem) {
    fill(place, broken(problem));
  }
}

function heading() {
  const own = model.owner === self;
  return h('div', { class: 'heading' },
    h('div', {}, h('h1', {}, model.name),
      h('div', { class: 'sub' }, h('span', { class: 'number' }, `Version ${model.version}`), !own && h('span', {}, `from ${model.owner}`), instant(model.created_at),
        model.algorithm && h('span', {}, model.algorithm), model.task_type && h('span', {}, format.words(model.task_type)), model.safety && badge(model.safety)),
      model.description && h('p', { class: 'wrap' }, model.description),
      tags(model.tags)),
    h('div', { class: 'actions' },
      own && h('button', { type: 'button', onclick: edit }, 'Edit'),
      own && h('button', { type: 'button', class: 'danger', onclick: discard }, 'Delete'),
      action(`Download all · ${format.bytes(model.archive.size)}`, () => take(), { testid: 'download', kind: 'primary', symbol: 'down' })));
}

const warning = () => model.safety === 'suspicious' && h('p', { class: 'notice' },
  'A pickle file in this model would run code that models do not need. Load it only if you trust who trained it.');

function figures() {
  const summary = model.training_summary ?? {};
  const tile = (name, value, more) => h('div', {}, h('dt', {}, name), h('dd', {}, value, more && h('small', {}, more)));
  return h('dl', { class: 'tiles' },
    h('div', {}, h('dt', {}, 'Quality'), h('dd', { class: 'quality-line' }, stars(model.quality_score, true), quality(model.convergence))),
    tile('Final loss', format.decimal(model.final_loss), summary.loss_reduction > 0 && `${format.decimal(summary.loss_reduction, 3)} % lower than at first`),
    tile('Perplexity', format.decimal(model.perplexity), summary.validation_loss != null && `Validation loss ${format.decimal(summary.validation_loss)}`),
    tile('Training', format.seconds(summary.duration_seconds), [summary.epochs != null && `${format.decimal(summary.epochs, 3)} epochs`, summary.steps != null && `${format.integer(summary.steps)} steps`].filter(Boolean).join(', ')),
    tile('Cost', format.cost(model.total_cost)),
    tile('Size', format.bytes(model.size), format.plural(model.files.length, 'file')));
}

function curve() {
  const series = losses(model.curve ?? []);
  return h('section', { class: 'panel', 'aria-labelledby': 'curve-title', 'data-testid': 'loss-curve' },
    h('h2', { id: 'curve-title' }, 'Loss'),
    series.some((one) => one.points.length > 0) ? lines(series, { label: 'Training and validation loss by step', x: 'Step' })
      : h('p', { class: 'muted' }, 'No losses were reported for this training.'));
}

function files() {
  const some = action('Download selected', () => take([...chosen]), { symbol: 'down' });
  const choose = () => {
    some.disabled = chosen.size === 0;
    every.checked = chosen.size === model.files.length;
    every.indeterminate = chosen.size > 0 && !every.checked;
  };
  const boxes = model.files.map((file) => h('input', {
    type: 'checkbox', 'aria-label': `Select ${file.path}`,
    onchange: (event) => {
      chosen[event.target.checked ? 'add' : 'delete'](file.path);
      choose();
    },
  }));
  const every = h('input', {
    type: 'checkbox', 'aria-label': 'Select all files',
    onchange: () => model.files.forEach((file, index) => {
      boxes[index].checked = every.checked;
      chosen[every.checked ? 'add' : 'delete'](file.path);
      choose();
    }),
  });
  some.disabled = true;
  return h('section', { class: 'section', 'aria-labelledby': 'files-title' },
    h('div', { class: 'heading' }, h('h2', { id: 'files-title' }, 'Files'), h('div', { class: 'actions' }, some)),
    h('div', { class: 'panel flush scroll' }, h('table', { class: 'list' },
      h('thead', {}, h('tr', {}, h('th', {}, every), h('th', {}, 'File'), h('th', { class: 'number' }, 'Size'), h('th', {}, 'SHA-256'), h('th', {}, h('span', { class: 'sr' }, 'Download')))),
      h('tbody', {}, model.files.map((file, index) => h('tr', {},
        h('td', {}, boxes[index]),
        h('td', { class: 'fill' }, file.path, ' ', file.safety && file.safety !== 'clean' && badge(file.safety), file.findings?.length > 0 && h('div', { class: 'muted small' }, file.findings.join(', ')),
          file.summary && h('div', { class: 'muted small' }, summary(file.summary))),
        h('td', { class: 'number' }, format.bytes(file.size)),
        h('td', {}, h('span', { class: 'digest' }, h('code', { title: file.sha256 }, `${file.sha256.slice(0, 8)}…`), copyButton(file.sha256, `the digest of ${file.path}`, 'Copy'))),
        h('td', {}, action('', () => takeFile(file.path), { symbol: 'down', kind: 'quiet', 'aria-label': `Download ${file.path}` }))))))),
    h('section', { class: 'section', 'aria-labelledby': 'shell-title' }, h('h2', { id: 'shell-title' }, 'From a shell'),
      h('div', { class: 'stack' },
        command(`curl -fOJ -H "Authorization: Bearer $TOKEN" "${location.origin}${path}/archive"`, 'the download command'),
        command(`curl -f -H "Authorization: Bearer $TOKEN" "${location.origin}${path}/SHA256SUMS" | sha256sum -c`, 'the check command'))));
}

const summary = (about) => Object.entries(about).filter(([, value]) => typeof value !== 'object').map(([key, value]) => `${format.words(key)} ${format.value(value)}`).join(' · ');

async function take(paths) {
  const links = await link(id, paths);
  save(links.archive.url);
  toast(`Download of ${links.archive.filename} started`);
}

async function takeFile(file) {
  save((await link(id, [file])).files[0].url);
}

const panel = (title, ...children) => h('section', { class: 'panel' }, h('h2', {}, title), ...children);

function configuration() {
  const entries = Object.entries(model.config ?? {});
  const metrics = Object.entries(model.metrics ?? {});
  return [
    metrics.length > 0 && panel('Metrics', facts(metrics.map(([name, value]) => [format.words(name), format.value(value)]))),
    panel('Configuration', entries.length > 0 ? facts(entries.map(([name, value]) => [format.words(name), format.value(value)]))
      : h('p', { class: 'muted' }, 'The trainer told none.')),
  ];
}

function origin() {
  const job = model.job ?? {};
  return panel('Origin', facts([
    ['Job', model.owner === self ? h('a', { href: `/jobs/${part(model.job_id)}` }, job.name ?? model.job_id) : job.name ?? model.job_id],
    ['Dataset', model.dataset?.name ?? model.dataset?.id ?? format.NONE],
    ['Started', instant(job.started_at, format.time)],
    ['Completed', instant(job.completed_at, format.time)]]));
}

function history(versions) {
  return panel('Versions', h('ul', { class: 'facts' }, versions.map((version) => h('div', { role: 'listitem' },
    h('span', {}, version.id === model.id ? h('strong', {}, `Version ${version.version}`) : h('a', { href: `/models/${version.id}` }, `Version ${version.version}`), ' ', h('span', { class: 'muted small' }, instant(version.created_at))),
    version.id === model.id ? h('span', { class: 'muted small' }, 'This one') : model.owner === self && action('Make latest', () => rollBack(version), { kind: 'quiet', 'aria-label': `Make version ${version.version} the latest` })))));
}

async function rollBack(version) {
  const latest = await post(`/api/models/${version.id}/rollback`);
  location.assign(`/models/${latest.id}`);
}

function sharing() {
  const list = h('ul', { class: 'facts' });
  const name = h('input', { id: 'grantee', name: 'grantee', required: true, maxlength: 255, autocomplete: 'off', placeholder: 'Owner id' });
  const load = async () => {
    const { shares } = await get(`${path}/shares`);
    fill(list, shares.length === 0 ? h('li', { class: 'muted small' }, 'Only you can read this model.') : shares.map((share) => h('li', { class: 'actions' }, h('span', { class: 'wrap' }, share.owner),
      action('Remove', async () => {
        await remove(`${path}/shares/${part(share.owner)}`);
        await load();
      }, { kind: 'quiet', 'aria-label': `Stop sharing with ${share.owner}` }))));
  };
  load().catch(failed);
  return panel('Shared with', list, h('form', {
    class: 'actions', onsubmit: async (event) => {
      event.preventDefault();
      try {
        await put(`${path}/shares/${part(name.value)}`);
        toast(`Shared with ${name.value}`);
        name.value = '';
        await load();
      } catch (problem) {
        failed(problem);
      }
    },
  }, h('label', { for: 'grantee', class: 'sr' }, 'Owner to share with'), name, h('button', { type: 'submit' }, 'Share')));
}

function edit() {
  const field = (label, name, control) => h('label', {}, label, control(name));
  const input = (value, limit) => (name) => h('input', { name, value, maxlength: limit, autocomplete: 'off', required: name === 'name' });
  const error = h('p', { class: 'error', role: 'alert' });
  const form = h('form', {
    onsubmit: async (event) => {
      event.preventDefault();
      const given = new FormData(form);
      const tagged = given.get('tags').split(',').map((tag) => tag.trim()).filter(Boolean);
      try {
        await patch(path, { name: given.get('name'), description: given.get('description'), tags: tagged });
        dialog.close();
        await show();
      } catch (problem) {
        error.textContent = problem.message;
      }
    },
  }, field('Name', 'name', input(model.name, 255)),
  h('label', {}, 'Description', h('textarea', { name: 'description' }, model.description ?? '')),
  field('Tags, separated by commas', 'tags', input(model.tags.join(', '), 2000)), error,
  h('div', { class: 'actions' }, h('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel'), h('button', { class: 'primary' }, 'Save changes')));
  const dialog = h('dialog', { 'aria-labelledby': 'edit-title', onclose: () => dialog.remove() }, h('h2', { id: 'edit-title' }, 'Edit model'), form);
  document.body.append(dialog);
  dialog.showModal();
}

function discard() {
  confirm(`Delete ${model.name} v${model.version}?`, 'It disappears at once, as do links to it. It can be restored for 30 days.', 'Delete', async () => {
    await remove(path);
    location.assign('/models');
  });
}

show();
