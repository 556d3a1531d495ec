// What every view is made of: elements, requests, rates, tables. Texts go into the page as text, never as markup.
'use strict';

/** An element with properties and children; what is null or undefined is left out. */
function h(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

const link = (hash, text) => h('a', { href: '#' + hash }, text);

async function get(path, method) {
  const response = await fetch(path, { method: method ?? 'GET' });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  return text;
}

const getJson = async (path) => JSON.parse(await get(path));

/** Statistics whose names fit an expression: numbers by name, and histograms as the quantiles of the last flush. */
async function getStats(filter, usedOnly) {
  const { stats } = await getJson(`stats?format=json${usedOnly ? '&usedonly' : ''}&filter=${encodeURIComponent(filter)}`);
  const result = { values: new Map(), times: new Map() };
  for (const stat of stats) {
    if (stat.name !== undefined) result.values.set(stat.name, stat.value);
    for (const histogram of stat.histograms?.computed_quantiles ?? []) result.times.set(histogram.name, histogram.values);
  }
  return result;
}

/** Counters as rates: what came since the look before, per second, with the history that a small chart shows. */
const rates = {
  points: 60,
  kept: new Map(),
  of(name, value) {
    const now = performance.now();
    const before = this.kept.get(name) ?? { value, at: now, history: [] };
    if (now - before.at > 200) {
      const rate = value < before.value ? 0 : ((value - before.value) * 1000) / (now - before.at);
      this.kept.set(name, { value, at: now, history: [...before.history, rate].slice(-this.points) });
    } else if (!this.kept.has(name)) this.kept.set(name, before);
    return this.kept.get(name).history;
  },
};

function sparkline(history) {
  if (history.length < 2) return null;
  const [width, height] = [120, 22];
  const most = Math.max(1, ...history);
  const points = history.map((rate, index) => `${width - ((history.length - 1 - index) * width) / (rates.points - 1)},${height - 1 - (rate / most) * (height - 2)}`);
  const template = document.createElement('template');
  template.innerHTML = `<svg width="${width}" height="${height}" aria-hidden="true"><polyline points="${points.join(' ')}"/></svg>`;
  return template.content.firstChild;
}

function number(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  if (value >= 1e6) return (value / 1e6).toFixed(1) + ' M';
  if (value >= 1e4) return (value / 1e3).toFixed(1) + ' k';
  return Number.isInteger(value) ? String(value) : value.toFixed(value >= 10 ? 0 : 1);
}

const lastRate = (history) => (history.length > 0 ? history[history.length - 1] : 0);

/** One of the quantiles 0, 25, 50, 75, 90, 95, 99 ... of a histogram, in milliseconds. */
const quantile = (times, index) => (times?.[index]?.interval ?? null) === null ? '–' : number(times[index].interval) + ' ms';

/** A table; a column is its heading, or { number: heading }. A cell is text or an element. */
function table(columns, rows) {
  const isNumber = columns.map((column) => typeof column === 'object');
  return h('table', {},
    h('thead', {}, h('tr', {}, columns.map((column, index) => h('th', { className: isNumber[index] ? 'number' : '' }, isNumber[index] ? column.number : column)))),
    h('tbody', {}, rows.map((row) => h('tr', {}, row.map((cell, index) => h('td', { className: isNumber[index] ? 'number' : '' }, cell))))));
}

const facts = (pairs) => h('p', { className: 'facts' }, Object.entries(pairs).map(([name, value]) => h('span', {}, h('span', { className: 'soft' }, name + ' '), h('b', {}, String(value)))));

const bad = (value, text) => h('span', { className: value > 0 ? 'bad' : '' }, text ?? number(value));

const address = (message) => message?.socket_address ? `${message.socket_address.address}:${message.socket_address.port_value ?? 0}` : message?.pipe?.path ?? message?.envoy_internal_address?.server_listener_name ?? '';

const json = (value) => h('pre', {}, JSON.stringify(value, null, 1));

/** Escapes a text for an expression. */
const literal = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
