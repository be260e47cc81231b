// Elements from data. Text becomes text nodes and nothing else, so that no name is ever markup.

const SVG = 'http://www.w3.org/2000/svg';

/** An HTML element: attributes, then children. `on…` listens; null, false and undefined are left out. */
export const h = (tag, attributes = {}, ...children) => build(document.createElement(tag), attributes, children);

/** As h, for SVG. */
export const s = (tag, attributes = {}, ...children) => build(document.createElementNS(SVG, tag), attributes, children);

export const byId = (id) => document.getElementById(id);

/** Replaces what is in the element. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter(isShown));
  element.removeAttribute('aria-busy');
}

/** As fill, while somebody looks: what has the focus and what is chosen stay so where they are there again. */
export function refill(element, ...children) {
  const focused = element.contains(document.activeElement) ? nameOf(document.activeElement) : null;
  const chosen = [...element.querySelectorAll('select')].map((select) => [nameOf(select), select.value]);
  fill(element, ...children);
  const find = (name) => [...element.querySelectorAll(CONTROLS)].find((control) => nameOf(control) === name);
  for (const [name, value] of chosen) {
    const select = find(name);
    if ([...(select?.options ?? [])].some((option) => option.value === value)) {
      select.value = value;
    }
  }
  if (focused !== null) {
    find(focused)?.focus({ preventScroll: true });
  }
}

const CONTROLS = 'a, button, input, select, [tabindex]';

const nameOf = (control) =>
  `${control.tagName} ${control.id || control.getAttribute('aria-label') || control.textContent}`;

function build(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) {
      element.addEventListener(name.slice(2), value);
    } else if (isShown(value)) {
      element.setAttribute(name, value === true ? '' : value);
    }
  }
  element.append(...children.flat(Infinity).filter(isShown));
  return element;
}

const isShown = (value) => value !== null && value !== undefined && value !== false;
