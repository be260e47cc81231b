// What is in a model, and ways to take it.
import { link, save } from './api.js';
import { h } from './dom.js';
import * as format from './format.js';
import { action, badge, command, copyButton, toast } from './parts.js';

/** The table of files, and the lines for a shell. */
export function files(model) {
  const chosen = new Set();
  const path = `/api/models/${model.id}`;
  const some = action('Download selected', () => take(model, [...chosen]), { symbol: 'down' });
  const choose = () => {
    some.disabled = chosen.size === 0;
    every.checked = chosen.size === model.files.length;
    every.indeterminate = chosen.size > 0 && !every.checked;
  };
  const boxes = model.files.map((file) =>
    h('input', {
      type: 'checkbox',
      'aria-label': `Select ${file.path}`,
      onchange: (event) => {
        chosen[event.target.checked ? 'add' : 'delete'](file.path);
        choose();
      },
    }),
  );
  const every = h('input', {
    type: 'checkbox',
    'aria-label': 'Select all files',
    onchange: () =>
      model.files.forEach((file, index) => {
        boxes[index].checked = every.checked;
        chosen[every.checked ? 'add' : 'delete'](file.path);
        choose();
      }),
  });
  some.disabled = true;
  return h(
    'section',
    { class: 'section', 'aria-labelledby': 'files-title' },
    h('div', { class: 'heading' }, h('h2', { id: 'files-title' }, 'Files'), h('div', { class: 'actions' }, some)),
    h(
      'div',
      { class: 'panel flush scroll' },
      h(
        'table',
        { class: 'list files' },
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            h('th', {}, every),
            h('th', {}, 'File'),
            h('th', { class: 'number' }, 'Size'),
            h('th', {}, 'SHA-256'),
            h('th', {}, h('span', { class: 'sr' }, 'Download')),
          ),
        ),
        h(
          'tbody',
          {},
          model.files.map((file, index) =>
            h(
              'tr',
              {},
              h('td', {}, boxes[index]),
              h(
                'td',
                { class: 'fill' },
                file.path,
                ' ',
                file.safety && file.safety !== 'clean' && badge(file.safety),
                file.findings?.length > 0 && h('div', { class: 'muted small' }, file.findings.join(', ')),
                file.summary && h('div', { class: 'muted small' }, summary(file.summary)),
              ),
              h('td', { class: 'number' }, format.bytes(file.size)),
              h(
                'td',
                {},
                h(
                  'span',
                  { class: 'digest' },
                  h('code', { title: file.sha256 }, `${file.sha256.slice(0, 8)}…`),
                  copyButton(file.sha256, `the digest of ${file.path}`, 'Copy'),
                ),
              ),
              h(
                'td',
                {},
                action('', () => takeFile(model, file.path), {
                  symbol: 'down',
                  kind: 'quiet',
                  'aria-label': `Download ${file.path}`,
                }),
              ),
            ),
          ),
        ),
      ),
    ),
    h(
      'section',
      { class: 'section', 'aria-labelledby': 'shell-title' },
      h('h2', { id: 'shell-title' }, 'From a shell'),
      h(
        'div',
        { class: 'stack' },
        command(
          `curl -fOJ -H "Authorization: Bearer $TOKEN" "${location.origin}${path}/archive"`,
          'the download command',
        ),
        command(
          `curl -f -H "Authorization: Bearer $TOKEN" "${location.origin}${path}/SHA256SUMS" | sha256sum -c`,
          'the check command',
        ),
      ),
    ),
  );
}

const summary = (about) =>
  Object.entries(about)
    .filter(([, value]) => typeof value !== 'object')
    .map(([key, value]) => `${format.words(key)} ${format.value(value)}`)
    .join(' · ');

/** Everything, or some files, as a zip. */
export async function take(model, paths) {
  const links = await link(model.id, paths);
  save(links.archive.url);
  toast(`Download of ${links.archive.filename} started`);
}

async function takeFile(model, file) {
  save((await link(model.id, [file])).files[0].url);
}
