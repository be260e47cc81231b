// What the owner of a model may do with it.
import { get, part, patch, put, remove } from './api.js';
import { fill, h } from './dom.js';
import { action, confirm, failed, toast } from './parts.js';

/** Who else reads it. */
export function sharing(model) {
  const path = `/api/models/${model.id}`;
  const list = h('ul', { class: 'facts' });
  const name = h('input', {
    id: 'grantee',
    name: 'grantee',
    required: true,
    maxlength: 255,
    autocomplete: 'off',
    placeholder: 'Owner id',
  });
  const load = async () => {
    const { shares } = await get(`${path}/shares`);
    fill(
      list,
      shares.length === 0
        ? h('li', { class: 'muted small' }, 'Only you can read this model.')
        : shares.map((share) =>
            h(
              'li',
              { class: 'actions' },
              h('span', { class: 'wrap' }, share.owner),
              action(
                'Remove',
                async () => {
                  await remove(`${path}/shares/${part(share.owner)}`);
                  await load();
                },
                { kind: 'quiet', 'aria-label': `Stop sharing with ${share.owner}` },
              ),
            ),
          ),
    );
  };
  load().catch(failed);
  return h(
    'section',
    { class: 'panel' },
    h('h2', {}, 'Shared with'),
    list,
    h(
      'form',
      {
        class: 'actions',
        onsubmit: async (event) => {
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
      },
      h('label', { for: 'grantee', class: 'sr' }, 'Owner to share with'),
      name,
      h('button', { type: 'submit' }, 'Share'),
    ),
  );
}

/** A dialog for what may change; `then` is called when it has. */
export function edit(model, then) {
  const field = (label, name, control) => h('label', {}, label, control(name));
  const input = (value, limit) => (name) =>
    h('input', { name, value, maxlength: limit, autocomplete: 'off', required: name === 'name' });
  const error = h('p', { class: 'error', role: 'alert' });
  const form = h(
    'form',
    {
      onsubmit: async (event) => {
        event.preventDefault();
        const given = new FormData(form);
        const tagged = given
          .get('tags')
          .split(',')
          .map((tag) => tag.trim())
          .filter(Boolean);
        try {
          await patch(`/api/models/${model.id}`, {
            name: given.get('name'),
            description: given.get('description'),
            tags: tagged,
          });
          dialog.close();
          await then();
        } catch (problem) {
          error.textContent = problem.message;
        }
      },
    },
    field('Name', 'name', input(model.name, 255)),
    h('label', {}, 'Description', h('textarea', { name: 'description' }, model.description ?? '')),
    field('Tags, separated by commas', 'tags', input(model.tags.join(', '), 2000)),
    error,
    h(
      'div',
      { class: 'actions' },
      h('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel'),
      h('button', { class: 'primary' }, 'Save changes'),
    ),
  );
  const dialog = h(
    'dialog',
    { 'aria-labelledby': 'edit-title', onclose: () => dialog.remove() },
    h('h2', { id: 'edit-title' }, 'Edit model'),
    form,
  );
  document.body.append(dialog);
  dialog.showModal();
}

/** Asks, and deletes. */
export function discard(model) {
  confirm(
    `Delete ${model.name} v${model.version}?`,
    'It disappears at once, as do links to it. It can be restored for a while.',
    'Delete',
    async () => {
      await remove(`/api/models/${model.id}`);
      location.assign('/models');
    },
  );
}
