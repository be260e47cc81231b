// The header: where one is, what is new, and the way out.
import { get, post, remove } from './api.js';
import { byId, fill, h } from './dom.js';
import { ago, integer } from './format.js';
import { failed } from './parts.js';

const bell = byId('bell');
const panel = byId('notifications');

for (const anchor of document.querySelectorAll('header nav a')) {
  if (location.pathname.startsWith(anchor.pathname)) {
    anchor.setAttribute('aria-current', 'page');
  }
}

byId('sign-out').addEventListener('click', async () => {
  try {
    await remove('/session');
    location.assign('/models');
  } catch (problem) {
    failed(problem);
  }
});

async function load() {
  const { notifications, unread } = await get('/api/notifications?limit=20');
  byId('unread').hidden = !(unread > 0);
  byId('unread').textContent = unread > 99 ? '99+' : integer(unread ?? 0);
  bell.setAttribute('aria-label', unread > 0 ? `Notifications, ${integer(unread)} unread` : 'Notifications');
  return notifications;
}

function note(notification) {
  const place = notification.model_id
    ? `/models/${notification.model_id}`
    : notification.job_id
      ? `/jobs/${encodeURIComponent(notification.job_id)}`
      : '/models';
  return h(
    'a',
    {
      class: notification.read_at ? 'note' : 'note unread',
      href: place,
      onclick: () => notification.read_at ?? post(`/api/notifications/${notification.id}/read`).catch(() => {}),
    },
    h('span', { class: 'message' }, notification.message),
    h('div', { class: 'muted small' }, ago(notification.created_at)),
  );
}

async function open() {
  panel.hidden = false;
  bell.setAttribute('aria-expanded', 'true');
  const notifications = await load();
  const fresh = notifications.filter((notification) => !notification.read_at);
  fill(
    panel,
    h(
      'header',
      {},
      h('h2', {}, 'Notifications'),
      fresh.length > 0 &&
        h(
          'button',
          {
            type: 'button',
            class: 'quiet',
            onclick: async () => {
              await Promise.all(fresh.map((one) => post(`/api/notifications/${one.id}/read`)));
              await open();
            },
          },
          'Mark all as read',
        ),
    ),
    notifications.length === 0
      ? h('p', { class: 'note muted' }, 'Nothing yet. You are told here when a model is published or shared with you.')
      : notifications.map(note),
  );
}

function close() {
  panel.hidden = true;
  bell.setAttribute('aria-expanded', 'false');
}

bell.addEventListener('click', () => (panel.hidden ? open().catch(failed) : close()));
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') {
    if (!panel.hidden) {
      close();
      bell.focus();
    }
    document.querySelectorAll('details[open]').forEach((details) => {
      details.open = false;
      details.querySelector('summary').focus();
    });
  }
});
document.addEventListener('click', (event) => {
  if (!panel.hidden && !panel.contains(event.target) && !bell.contains(event.target)) {
    close();
  }
  document.querySelectorAll('details[open]').forEach((details) => {
    if (!details.contains(event.target)) {
      details.open = false;
    }
  });
});

load().catch(() => {});
setInterval(() => !document.hidden && load().catch(() => {}), 30000);
