// The API by the browser's session. Writes show the page's token.

const csrf = document.querySelector('meta[name=csrf-token]').content;
export const scopes = document.querySelector('meta[name=scopes]').content.split(' ');

/** An answer that is a problem document (RFC 9457); its message is fit to be shown. */
export class Problem extends Error {
  constructor(status, document) {
    super(document.detail ?? `The server answered ${status}`);
    this.status = status;
    this.requestId = document.instance;
  }
}

/** A part of a path. */
export const part = encodeURIComponent;

/** A query of what is not empty. */
export function query(parameters) {
  const given = Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined && value !== '');
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}

export const get = (path, signal) => call('GET', path, undefined, signal);
export const post = (path, body) => call('POST', path, body);
export const patch = (path, body) => call('PATCH', path, body);
export const put = (path) => call('PUT', path);
export const remove = (path) => call('DELETE', path);

async function call(method, path, body, signal) {
  const headers = method === 'GET' ? {} : { 'X-CSRF-Token': csrf };
  if (body !== undefined) {
    headers['Content-Type'] = 'application/json';
  }
  let response;
  try {
    response = await fetch(path, {
      method,
      headers,
      signal,
      // A click that also leaves the page is still told; browsers bound what may have a body.
      keepalive: method !== 'GET' && body === undefined,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (failure) {
    if (failure.name === 'AbortError') {
      throw failure;
    }
    throw new Problem(0, { detail: 'The server cannot be reached at the moment' });
  }
  if (response.status === 401) {
    // The session has ended: the same address shows the sign-in form.
    location.reload();
    return new Promise(() => {});
  }
  const document = response.status === 204 ? {} : await response.json().catch(() => {
    // Also between the head and the body: what is no longer wanted is not an empty answer.
    signal?.throwIfAborted();
    return {};
  });
  if (!response.ok) {
    throw new Problem(response.status, document);
  }
  return document.success === true ? document.data : document;
}

/** Asks for the head first, so that a refusal is told on this page; the browser's own download does the rest. */
export async function download(url) {
  const head = await fetch(url, { method: 'HEAD' }).catch(() => ({ ok: false, status: 0 }));
  if (!head.ok) {
    await get(url);
    throw new Problem(head.status, {});
  }
  save(url);
}

/** Hands a URL whose answer is an attachment to the browser's downloads; this page stays. */
export function save(url) {
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = '';
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
}

/** A link to everything in the model, or to some files, that needs no session and resumes. */
export const link = (model, files) => post(`/api/models/${part(model)}/download`, files ? { files } : {});
