// Models from elsewhere, with what becomes of their downloads while one looks.
import './frame.js';
import { download, get, part, post, remove, scopes } from './api.js';
import { byId, fill, h } from './dom.js';
import * as format from './format.js';
import { action, badge, broken, confirm, copyButton, empty, failed, progress, toast } from './parts.js';

const isAdmin = scopes.includes('sluice:admin');
const streams = new Map();

async function show() {
  try {
    const { models } = await get('/api/catalog');
    fill(
      byId('catalog'),
      models.length === 0
        ? h('li', {}, empty('The catalog is empty', 'Whoever runs this server can list models in its catalog file.'))
        : models.map((model) => {
            const place = h('li', { class: 'panel', 'data-testid': 'catalog-model' });
            draw(place, model);
            return place;
          }),
    );
  } catch (problem) {
    fill(byId('catalog'), h('li', {}, broken(problem, show)));
  }
}

const stateBadge = (state) => badge(state, { 'data-testid': 'state' });

const isUnderWay = (state) => ['queued', 'downloading', 'verifying'].includes(state);

function draw(place, model) {
  const refresh = async () => {
    const { models } = await get('/api/catalog');
    draw(place, models.find((one) => one.id === model.id) ?? model);
  };
  const base = `/api/catalog/${part(model.id)}`;
  const bar = progress(`Download of ${model.name}`, 0);
  const told = h('p', { class: 'muted small number' }, '\u00a0');
  const under = isUnderWay(model.state);
  let state = stateBadge(model.state ?? 'available');
  const isFocused = place.contains(document.activeElement);
  fill(
    place,
    h(
      'div',
      { class: 'heading' },
      h(
        'div',
        {},
        h('h2', {}, model.name, ' ', model.recommended && badge('recommended')),
        h('p', { class: 'muted wrap' }, model.description),
        h(
          'p',
          { class: 'small muted wrap' },
          model.file_name,
          ' · ',
          format.bytes(model.file?.size ?? model.size),
          model.sha256 && [
            ' · ',
            h('code', { title: model.sha256 }, `${model.sha256.slice(0, 12)}…`),
            copyButton(model.sha256, `the digest of ${model.name}`),
          ],
        ),
      ),
      h(
        'div',
        { class: 'actions' },
        state,
        buttons(model, base, refresh),
      ),
    ),
    model.error && h('p', { class: 'error' }, model.error),
    under && [bar.meter, told],
  );
  if (isFocused) {
    place.querySelector('.actions button:enabled')?.focus();
  }
  streams.get(model.id)?.close();
  streams.delete(model.id);
  if (under) {
    const stream = new EventSource(`${base}/progress`);
    streams.set(model.id, stream);
    stream.onmessage = (event) => {
      const now = JSON.parse(event.data);
      if (isUnderWay(now.status)) {
        const newer = stateBadge(now.status);
        state.replaceWith(newer);
        state = newer;
      }
      bar.set(now.total_bytes ? now.downloaded_bytes / now.total_bytes : (now.percentage ?? 0) / 100);
      told.textContent = [
        format.words(now.status),
        `${format.bytes(now.downloaded_bytes)} of ${format.bytes(now.total_bytes)}`,
        now.status === 'downloading' && format.speed(now.speed),
      ]
        .filter(Boolean)
        .join(' · ');
      if (!isUnderWay(now.status)) {
        stream.close();
        refresh().catch(failed);
      }
    };
  }
}

function buttons(model, base, refresh) {
  const isThere = model.file !== undefined && model.file !== null;
  const administer = { disabled: !isAdmin, title: isAdmin ? null : 'Needs a token with the scope sluice:admin' };
  if (isUnderWay(model.state)) {
    return action(
      'Cancel',
      async () => {
        // What the stream would tell is asked for here.
        streams.get(model.id)?.close();
        try {
          await remove(`${base}/download`);
        } finally {
          await refresh();
        }
      },
      administer,
    );
  }
  return [
    isThere
      ? action('Download', () => download(model.file.url ?? `${base}/file`), { kind: 'primary', symbol: 'down' })
      : action(
          model.state === 'failed' || model.state === 'cancelled' ? 'Fetch again' : 'Fetch',
          async () => {
            await post(`${base}/download`, {});
            await refresh();
          },
          { kind: 'primary', ...administer },
        ),
    isThere &&
      action('Verify', async () => {
        const { valid, error } = await post(`${base}/verify`, {});
        toast(
          valid ? `Every byte of ${model.file_name} is as promised` : (error ?? 'The file is not as promised'),
          !valid,
        );
        await refresh();
      }),
    isThere &&
      h(
        'button',
        {
          type: 'button',
          class: 'danger',
          ...administer,
          onclick: () =>
            confirm(`Delete ${model.name}?`, 'It can be fetched again.', 'Delete', async () => {
              await remove(base);
              await refresh();
            }),
        },
        'Delete',
      ),
  ];
}

show();
