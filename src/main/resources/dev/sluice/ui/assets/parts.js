// What several pages show.
import { byId, fill, h, s } from './dom.js';
import { time } from './format.js';
import * as format from './format.js';

const STAR = 'M12 2.6l2.9 5.9 6.5.9-4.7 4.6 1.1 6.5L12 17.4l-5.8 3.1 1.1-6.5L2.6 9.4l6.5-.9z';

/** Five stars, all empty when there is no score. */
export function stars(score, large = false) {
  return h(
    'span',
    {
      class: large ? 'stars large' : 'stars',
      role: 'img',
      'aria-label': score ? `${score} of 5 stars` : 'No stars yet',
      'data-testid': 'stars',
    },
    [1, 2, 3, 4, 5].map((star) =>
      s(
        'svg',
        { viewBox: '0 0 24 24', 'aria-hidden': 'true' },
        s('path', { d: STAR, class: star <= score ? 'star on' : 'star off' }),
      ),
    ),
  );
}

export const badge = (label, more = {}) => h('span', { class: `badge ${label}`, ...more }, label.replaceAll('_', ' '));

export const quality = (convergence) => badge(convergence ?? 'unrated', { 'data-testid': 'quality' });

export const instant = (at, show = format.date) =>
  at ? h('time', { datetime: at, title: time(at) }, show(at)) : format.NONE;

export const tags = (names) =>
  names.length > 0 &&
  h(
    'div',
    { class: 'tags' },
    names.map((name) => h('span', { class: 'tag' }, name)),
  );

/** Terms and their values. */
export const facts = (pairs, kind = 'facts') =>
  h(
    'dl',
    { class: kind },
    pairs.map(([term, ...details]) => h('div', {}, h('dt', {}, term), h('dd', {}, ...details))),
  );

export const icons = {
  box: ['M3 7.5 12 3l9 4.5v9L12 21l-9-4.5z', 'M3 7.5 12 12l9-4.5M12 12v9'],
  copy: ['M9 9h10v11H9z', 'M15 9V5H5v11h4'],
  down: ['M12 4v11m0 0 4-4m-4 4-4-4M5 20h14'],
};

export const icon = (name) =>
  s(
    'svg',
    {
      viewBox: '0 0 24 24',
      width: 16,
      height: 16,
      fill: 'none',
      stroke: 'currentColor',
      'stroke-width': 1.8,
      'stroke-linejoin': 'round',
      'stroke-linecap': 'round',
      'aria-hidden': 'true',
    },
    icons[name].map((d) => s('path', { d })),
  );

export function toast(message, bad = false) {
  const shown = h(
    'div',
    { class: bad ? 'toast bad' : 'toast' },
    h('span', {}, message),
    h('button', { type: 'button', 'aria-label': 'Dismiss', onclick: () => shown.remove() }, '×'),
  );
  byId('toasts').append(shown);
  setTimeout(() => shown.remove(), bad ? 12000 : 5000);
}

export function failed(problem) {
  if (problem.name !== 'AbortError') {
    toast(problem.message, true);
  }
}

/** In place of what could not be loaded. */
export function broken(problem, again) {
  return h(
    'div',
    { class: 'empty', role: 'alert' },
    h('h2', {}, problem.message),
    problem.requestId && h('p', { class: 'muted small' }, `Request ${problem.requestId}`),
    again && h('button', { type: 'button', onclick: again }, 'Try again'),
  );
}

export function empty(title, text, ...more) {
  return h(
    'div',
    { class: 'empty', 'data-testid': 'empty' },
    s(
      'svg',
      { viewBox: '0 0 24 24', 'aria-hidden': 'true' },
      icons.box.map((d) => s('path', { d })),
    ),
    h('h2', {}, title),
    h('p', { class: 'muted' }, text),
    more,
  );
}

export function copyButton(text, what, label = 'Copy') {
  return h(
    'button',
    {
      type: 'button',
      class: 'quiet',
      'aria-label': `${label} ${what}`,
      onclick: async () => {
        try {
          await navigator.clipboard.writeText(text);
          toast(`Copied ${what}`);
        } catch {
          toast('This browser does not let pages copy here', true);
        }
      },
    },
    icon('copy'),
    label,
  );
}

export const command = (text, what) =>
  h(
    'div',
    { class: 'command' },
    h('pre', { tabindex: 0, role: 'region', 'aria-label': what }, text),
    copyButton(text, what),
  );

/** A button that shows that it works, and tells what went wrong. */
export function action(label, work, { testid, kind = '', symbol, ...more } = {}) {
  const button = h(
    'button',
    {
      type: 'button',
      class: kind,
      'data-testid': testid,
      ...more,
      onclick: async () => {
        // Not disabled meanwhile, which would take the focus from it.
        if (button.getAttribute('aria-busy') === 'true') {
          return;
        }
        button.setAttribute('aria-busy', 'true');
        try {
          await work();
        } catch (problem) {
          failed(problem);
        } finally {
          button.removeAttribute('aria-busy');
        }
      },
    },
    symbol && icon(symbol),
    label,
  );
  return button;
}

/** Asks before what cannot be taken back at once. */
export function confirm(title, text, label, work) {
  const dialog = h(
    'dialog',
    { 'aria-labelledby': 'confirm-title', onclose: () => dialog.remove() },
    h('h2', { id: 'confirm-title' }, title),
    h('p', { class: 'muted' }, text),
    h(
      'form',
      { method: 'dialog' },
      h(
        'div',
        { class: 'actions' },
        h('button', {}, 'Cancel'),
        action(
          label,
          async () => {
            await work();
            dialog.close();
          },
          { kind: 'danger' },
        ),
      ),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
}

/** Previous and next; nothing when there is one page. */
export function paging(place, pagination, go) {
  const { page, totalPages } = pagination;
  if (totalPages <= 1 && page === 1) {
    fill(place);
    return;
  }
  const focused = place.contains(document.activeElement) && document.activeElement.dataset.testid;
  const turn = (label, to, testid, enabled) =>
    h('button', { type: 'button', 'data-testid': testid, disabled: !enabled, onclick: () => go(to) }, label);
  fill(
    place,
    h(
      'nav',
      { class: 'paging', 'aria-label': 'Pages' },
      turn('Previous', page - 1, 'previous-page', page > 1),
      h('span', { class: 'muted number' }, `Page ${format.integer(page)} of ${format.integer(totalPages)}`),
      turn('Next', page + 1, 'next-page', page < totalPages),
    ),
  );
  if (focused) {
    (place.querySelector(`[data-testid=${focused}]:enabled`) ?? place.querySelector('button:enabled'))?.focus();
  }
}

export function progress(label, ratio) {
  const bar = h('span');
  const meter = h(
    'div',
    { class: 'progress', role: 'progressbar', 'aria-label': label, 'aria-valuemin': 0, 'aria-valuemax': 100 },
    bar,
  );
  const set = (to) => {
    const shown = Math.max(0, Math.min(100, (to ?? 0) * 100));
    bar.style.width = `${shown}%`;
    meter.setAttribute('aria-valuenow', Math.round(shown));
  };
  set(ratio);
  return { meter, set };
}
