/** The few things that every view needs of the DOM. Text only ever enters as text: nothing here parses markup. */

export const byId = (id) => document.getElementById(id);

/** An element; `props` are attributes, `dataset`, `on…` listeners or properties; children are nodes or text. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'dataset') Object.assign(element.dataset, value);
    else if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  svg.setAttribute('aria-hidden', 'true');
  use.setAttribute('href', `#i-${name}`);
  svg.append(use);
  return svg;
}

/** A coloured circle with initials; the colour follows from the id, so that a person keeps it everywhere. */
export function avatar(name, id, { small = false } = {}) {
  const hue = [...id].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 9973, 7) % 8;
  return h('span', { class: `avatar hue-${hue}${small ? ' small' : ''}`, 'aria-hidden': 'true' }, initials(name));
}

function initials(name) {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const first = (word) => [...word][0] ?? '';
  return (words.length > 1 ? first(words[0]) + first(words.at(-1)) : first(words[0] ?? '?')).toUpperCase();
}

/** Makes `parent` hold exactly `nodes` in this order, moving as little as possible: focus and selection survive. */
export function arrange(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.childNodes]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, i) => {
    if (parent.childNodes[i] !== node) parent.insertBefore(node, parent.childNodes[i] ?? null);
  });
}

/** Runs once the calls have paused for `ms`. */
export function debounce(ms, run) {
  let timer;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => run(...args), ms);
  };
}

let hideTimer;

/** Says what went wrong, in the one place for it. Moves into `host` while that is where the eyes are. */
export function showError(error, host = document.body) {
  const box = byId('error');
  if (box.parentNode !== host) host.prepend(box);
  const text = typeof error === 'string' ? error : error.message;
  box.replaceChildren(icon('alert'), h('span', {}, text));
  box.hidden = false;
  clearTimeout(hideTimer);
  if (host === document.body) hideTimer = setTimeout(clearError, 8000);
}

export function clearError() {
  clearTimeout(hideTimer);
  byId('error').hidden = true;
  byId('error').replaceChildren();
}

const time = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' });
const longWeekday = new Intl.DateTimeFormat(undefined, { weekday: 'long' });
const dayMonth = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const fullDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });

export const clockTime = (iso) => time.format(new Date(iso));
export const fullTime = (iso) => full.format(new Date(iso));

/** Days by the calendar between then and now: 0 today, 1 yesterday. */
function daysAgo(date) {
  const midnight = (d) => new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime();
  return Math.round((midnight(new Date()) - midnight(date)) / 86_400_000);
}

/** Short, for lists. */
export function listTime(iso) {
  const date = new Date(iso);
  const days = daysAgo(date);
  if (days <= 0) return time.format(date);
  if (days === 1) return 'Yesterday';
  return days < 7 ? weekday.format(date) : dayMonth.format(date);
}

/** For the line between two days. */
export function dayName(iso) {
  const date = new Date(iso);
  const days = daysAgo(date);
  if (days <= 0) return 'Today';
  if (days === 1) return 'Yesterday';
  return days < 7 ? longWeekday.format(date) : fullDay.format(date);
}
