// The best of an AutoML job, and keeping it.
import { download, get, part, post } from './api.js';
import { h, refill } from './dom.js';
import * as format from './format.js';
import { action, badge, toast } from './parts.js';

/** The best five of a job, with what can be taken; `found` are the job's files. */
export async function leaderboard(job, board, found) {
  const automl = (what) => `/ml/${what}/${part(job.job_id)}`;
  const fileOf = (name) => found.some((file) => file.path === `models/${name}.pkl`);
  const { leaderboard: rows } = await get(`/api/training/${part(job.job_id)}/leaderboard`);
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
    .filter((name) => name !== 'rank' && name !== 'model' && rows.some((row) => typeof row[name] === 'number'))
    .slice(0, 4);
  board.hidden = rows.length === 0;
  refill(
    board,
    h(
      'div',
      { class: 'heading' },
      h(
        'div',
        {},
        h('h2', {}, 'Leaderboard'),
        h('p', { class: 'muted small' }, `Best ${Math.min(5, rows.length)} of ${format.plural(rows.length, 'model')}`),
      ),
      h(
        'div',
        { class: 'actions' },
        fileOf('best_model') &&
          action('Best Model', () => download(`${automl('download-model')}/best_model`), { symbol: 'down' }),
        action('Performance Report', () => download(automl('download-leaderboard')), { symbol: 'down' }),
        action('Download All', () => download(automl('download-all-models')), { symbol: 'down' }),
        saveButton(job, 'best_model', true),
      ),
    ),
    h(
      'div',
      { class: 'panel flush scroll', tabindex: 0, role: 'region', 'aria-label': 'Leaderboard' },
      h(
        'table',
        { 'data-testid': 'leaderboard' },
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            h('th', {}, 'Rank'),
            h('th', {}, 'Model'),
            columns.map((name) => h('th', { class: 'number' }, format.words(name))),
            h('th', {}, h('span', { class: 'sr' }, 'Download')),
          ),
        ),
        h(
          'tbody',
          {},
          rows.slice(0, 5).map((row, index) =>
            h(
              'tr',
              { class: index === 0 ? 'best' : '' },
              h('td', {}, h('span', { class: index === 0 ? 'medal gold' : 'medal' }, String(row.rank ?? index + 1))),
              h('th', { scope: 'row' }, String(row.model ?? format.NONE), index === 0 && [' ', badge('best')]),
              columns.map((name) => h('td', { class: 'number' }, format.decimal(row[name]))),
              h(
                'td',
                {},
                row.model &&
                  fileOf(row.model) &&
                  action('', () => download(`${automl('download-model')}/${part(row.model)}`), {
                    symbol: 'down',
                    kind: 'quiet',
                    'aria-label': `Download ${row.model}`,
                  }),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}

/** @param named which AutoML model; null for the job's own. Of two on a page one has the test id. */
export function saveButton(job, named, hasTestId) {
  return action('Save', () => saveDialog(job, named), {
    testid: hasTestId ? 'save' : null,
    disabled: job.status !== 'completed',
    title: job.status === 'completed' ? null : 'Once the training is completed',
  });
}

/** Publishes under a name of one's own. */
function saveDialog(job, named) {
  const error = h('p', { class: 'error', role: 'alert' });
  const form = h('form', {
    onsubmit: async (event) => {
      event.preventDefault();
      const given = new FormData(form);
      submit.disabled = true;
      try {
        const saved = await post('/models/save', {
          task_id: job.job_id,
          model_name: given.get('model_name'),
          description: given.get('description') || undefined,
          tags: given.get('tags') || undefined,
          model: named ?? undefined,
        });
        dialog.close();
        toast(`Saved as ${saved.name}, version ${saved.version}`);
        location.assign(`/models/${saved.id}`);
      } catch (problem) {
        error.textContent = problem.message;
        submit.disabled = false;
      }
    },
  });
  const submit = h('button', { class: 'primary', type: 'submit' }, 'Save model');
  form.append(
    h(
      'label',
      {},
      'Name',
      h('input', { name: 'model_name', required: true, maxlength: 255, autocomplete: 'off', value: job.name }),
    ),
    h('label', {}, 'Description', h('textarea', { name: 'description' })),
    h('label', {}, 'Tags, separated by commas', h('input', { name: 'tags', autocomplete: 'off' })),
    error,
    h('div', { class: 'actions' }, h('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel'), submit),
  );
  const dialog = h(
    'dialog',
    { 'aria-labelledby': 'save-title', onclose: () => dialog.remove() },
    h('h2', { id: 'save-title' }, 'Save model'),
    h('p', { class: 'muted' }, 'It is kept as a published model: verified, versioned and ready to share.'),
    form,
  );
  document.body.append(dialog);
  dialog.showModal();
}
