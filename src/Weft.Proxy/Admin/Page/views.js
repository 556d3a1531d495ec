// The views, each a function that gives what is shown. They only ask what every client of the admin interface may ask.

async function overview() {
  const [info, listeners, stats] = await Promise.all([
    getJson('server_info'),
    getJson('listeners?format=json'),
    getStats('^(http\\..*\\.downstream_(rq_(total|active|4xx|5xx|time)|cx_active)|server\\.(memory_allocated|total_connections))$'),
  ]);
  const names = [...new Set([...stats.values.keys()].map((name) => /^http\.(.*)\.downstream_rq_total$/.exec(name)?.[1]).filter((name) => name && !name.includes('.user_agent.')))];
  const value = (name, what) => stats.values.get(`http.${name}.downstream_${what}`) ?? 0;
  return [
    facts({
      state: info.state,
      node: info.node?.id ?? '–',
      uptime: info.uptime_current_epoch,
      memory: number((stats.values.get('server.memory_allocated') ?? 0) / 1e6) + ' MB',
      connections: number(stats.values.get('server.total_connections')),
      workers: info.command_line_options?.concurrency ?? '–',
    }),
    h('h2', {}, 'Requests'),
    table(
      ['Connection manager', { number: 'req/s' }, { number: '4xx/s' }, { number: '5xx/s' }, { number: 'p50' }, { number: 'p99' }, { number: 'Active' }, { number: 'Connections' }, { number: 'Total' }, 'Last minutes'],
      names.map((name) => {
        const history = rates.of(`http.${name}`, value(name, 'rq_total'));
        const errors = lastRate(rates.of(`http.${name}.5xx`, value(name, 'rq_5xx')));
        const times = stats.times.get(`http.${name}.downstream_rq_time`);
        return [
          name, number(lastRate(history)), number(lastRate(rates.of(`http.${name}.4xx`, value(name, 'rq_4xx')))), bad(errors), quantile(times, 2), quantile(times, 6),
          number(value(name, 'rq_active')), number(value(name, 'cx_active')), number(value(name, 'rq_total')), sparkline(history),
        ];
      }),
    ),
    h('h2', {}, 'Listeners'),
    table(['Name', 'Address'], (listeners.listener_statuses ?? []).map((listener) => [listener.name, address(listener.local_address)])),
  ];
}

const isHealthy = (host) => !Object.entries(host.health_status ?? {}).some(([name, value]) => value === true || (name === 'eds_health_status' && !['HEALTHY', 'UNKNOWN', 'DEGRADED'].includes(value)));

async function clusters() {
  const [{ cluster_statuses: all = [] }, stats] = await Promise.all([
    getJson('clusters?format=json'),
    getStats('^cluster\\..*\\.upstream_(rq_(total|active|5xx|time)|cx_active)$'),
  ]);
  return table(
    ['Cluster', { number: 'Healthy' }, { number: 'req/s' }, { number: '5xx/s' }, { number: 'p50' }, { number: 'p99' }, { number: 'Active' }, { number: 'Connections' }, { number: 'Total' }, 'Last minutes'],
    all.map((cluster) => {
      const value = (what) => stats.values.get(`cluster.${cluster.observability_name ?? cluster.name}.upstream_${what}`) ?? 0;
      const times = stats.times.get(`cluster.${cluster.observability_name ?? cluster.name}.upstream_rq_time`);
      const history = rates.of(`cluster.${cluster.name}`, value('rq_total'));
      const hosts = cluster.host_statuses ?? [];
      const healthy = hosts.filter(isHealthy).length;
      return [
        link('cluster/' + encodeURIComponent(cluster.name), cluster.name), bad(hosts.length - healthy, `${healthy} of ${hosts.length}`), number(lastRate(history)), bad(lastRate(rates.of(`cluster.${cluster.name}.5xx`, value('rq_5xx')))),
        quantile(times, 2), quantile(times, 6), number(value('rq_active')), number(value('cx_active')), number(value('rq_total')), sparkline(history),
      ];
    }),
  );
}

/** Counters and gauges that are not 0 as a table with rates, then histograms. */
async function statsTable(filter) {
  const stats = await getStats(filter, true);
  const rows = [...stats.values].map(([name, value]) => ({ name, value, history: typeof value === 'number' ? rates.of(name, value) : [] }));
  const moves = ({ history }) => history.some((rate) => rate > 0);
  return [
    table(['Statistic', { number: 'Value' }, { number: 'per second' }, 'Last minutes'],
      rows.filter((row) => row.value !== 0 || moves(row)).map((row) => [h('code', {}, row.name), String(row.value), number(lastRate(row.history)), moves(row) ? sparkline(row.history) : null])),
    stats.times.size === 0 ? null : table(['Histogram', { number: 'p50' }, { number: 'p90' }, { number: 'p99' }, { number: 'all time p50' }, { number: 'all time p99' }],
      [...stats.times].map(([name, times]) => [h('code', {}, name), ...[2, 4, 6].map((index) => number(times[index].interval)), number(times[2].cumulative), number(times[6].cumulative)])),
  ];
}

async function cluster(name) {
  const [{ cluster_statuses: all = [] }, dump] = await Promise.all([getJson('clusters?format=json'), getJson('config_dump')]);
  const status = all.find((candidate) => candidate.name === name);
  if (!status) return h('p', {}, `There is no cluster ${name}.`);
  const stat = (host, wanted) => Number(host.stats?.find((candidate) => candidate.name === wanted)?.value ?? 0);
  const config = dump.configs.flatMap((part) => [...(part.static_clusters ?? []), ...(part.dynamic_active_clusters ?? [])]).find((candidate) => candidate.cluster?.name === name);
  return [
    h('h2', {}, name),
    table(
      ['Endpoint', 'Health', 'Zone', { number: 'Weight' }, { number: 'Priority' }, { number: 'Connections' }, { number: 'Active' }, { number: 'Requests' }, { number: 'Failed' }, { number: 'Connect failures' }],
      (status.host_statuses ?? []).map((host) => {
        const faults = Object.entries(host.health_status ?? {}).filter(([, value]) => value === true).map(([fault]) => fault.replaceAll('_', ' '));
        return [
          address(host.address), isHealthy(host) ? host.health_status?.eds_health_status?.toLowerCase() ?? 'healthy' : bad(1, faults.join(', ') || host.health_status.eds_health_status.toLowerCase()), host.locality?.zone ?? '',
          number(host.weight), number(host.priority ?? 0), number(stat(host, 'cx_active')), number(stat(host, 'rq_active')), number(stat(host, 'rq_total')), bad(stat(host, 'rq_error')), bad(stat(host, 'cx_connect_fail')),
        ];
      }),
    ),
    h('h2', {}, 'Statistics'),
    await statsTable(`^cluster\\.${literal(status.observability_name ?? name)}\\.`),
    config ? h('details', {}, h('summary', {}, 'Configuration'), json(config)) : null,
  ];
}

/** Every route table, and its routes with their places. */
async function routeTables() {
  const { configs } = await getJson('config_dump');
  return configs.flatMap((part) => [...(part.static_route_configs ?? []), ...(part.dynamic_route_configs ?? [])]).map((entry) => entry.route_config).filter(Boolean);
}

function matchText(match = {}) {
  const path = match.prefix ?? match.path ?? match.safe_regex?.regex ?? match.path_separated_prefix ?? match.path_match_policy?.typed_config?.path_template ?? (match.connect_matcher ? 'CONNECT' : '?');
  const kind = match.path ? '' : match.safe_regex ? ' (expression)' : match.prefix !== undefined || match.path_separated_prefix ? '…' : '';
  return path + kind + (match.headers ?? []).map((header) => ` [${header.name}]`).join('') + (match.query_parameters ?? []).map((parameter) => ` ?${parameter.name}`).join('');
}

function actionOf(route) {
  if (route.redirect) return 'redirect';
  if (route.direct_response) return `answers ${route.direct_response.status}`;
  const action = route.route ?? {};
  const targets = action.cluster ? [action.cluster] : (action.weighted_clusters?.clusters ?? []).map((target) => target.name);
  if (targets.length === 0) return action.cluster_header ? `cluster by header ${action.cluster_header}` : '–';
  return h('span', {}, targets.flatMap((target, index) => [index > 0 ? ', ' : '', link('cluster/' + encodeURIComponent(target), target)]));
}

async function routes() {
  const tables = await routeTables();
  return tables.flatMap((config, t) => (config.virtual_hosts ?? []).map((host, v) => [
    h('h2', {}, `${host.name} `, h('span', { className: 'soft' }, `${(host.domains ?? []).join(', ')}${config.name ? ` · ${config.name}` : ''}`)),
    table(['Route', 'Match', 'Goes to'], (host.routes ?? []).map((route, r) => [link(`route/${t}/${v}/${r}`, route.name || route.stat_prefix || `${r + 1}`), h('code', {}, matchText(route.match)), actionOf(route)])),
  ]));
}

async function route(t, v, r) {
  const config = (await routeTables())[t];
  const host = config?.virtual_hosts?.[v];
  const found = host?.routes?.[r];
  if (!found) return h('p', {}, 'There is no such route.');
  return [
    h('h2', {}, `${host.name}: ${found.name || found.stat_prefix || `route ${Number(r) + 1}`} `, h('span', { className: 'soft' }, h('code', {}, matchText(found.match)))),
    h('p', {}, 'Goes to ', actionOf(found)),
    found.stat_prefix ? await statsTable(`^vhost\\.${literal(host.name)}\\.route\\.${literal(found.stat_prefix)}\\.`) : h('p', { className: 'soft' }, 'It has no stat_prefix, so it has no statistics of its own.'),
    h('details', { open: true }, h('summary', {}, 'Configuration'), json(found)),
  ];
}

/** Which way a request would take, told by /explain. */
function explainForm() {
  const output = h('pre', { hidden: true });
  const field = h('input', { type: 'search', placeholder: 'GET http:' + '//host/path', ariaLabel: 'Request to explain' });
  const form = h('form', {}, h('label', {}, 'Where would this go? ', field), h('button', {}, 'explain'));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    output.hidden = false;
    output.textContent = await get('explain?request=' + encodeURIComponent(field.value.includes(' ') ? field.value : 'GET ' + field.value)).catch(String);
  });
  return h('div', {}, form, output);
}

/** Lines of path and value of everything in a message. */
function* flatten(value, path = '') {
  if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* flatten(item, `${path}[${index}]`);
  else if (value !== null && typeof value === 'object') for (const [name, item] of Object.entries(value)) yield* flatten(item, path ? `${path}.${name}` : name);
  else yield [path, String(value)];
}

function configSearch() {
  const most = 300;
  const found = h('div', {});
  const field = h('input', { type: 'search', placeholder: 'name, field or value; several words must all be there', ariaLabel: 'Search the configuration' });
  let lines;
  const search = async () => {
    lines ??= (await getJson('config_dump?include_eds')).configs.flatMap((part) => [...flatten(part, part['@type'].split('.').pop())]);
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const hits = lines.filter(([path, value]) => words.every((word) => `${path} ${value}`.toLowerCase().includes(word)));
    found.replaceChildren(h('p', { className: 'soft' }, `${hits.length} of ${lines.length} fields${hits.length > most ? `, the first ${most}` : ''}`), table(['Field', 'Value'], hits.slice(0, most).map(([path, value]) => [h('code', {}, path), value])));
  };
  field.addEventListener('input', () => search().catch((error) => found.replaceChildren(String(error))));
  search().catch((error) => found.replaceChildren(String(error)));
  return h('div', {}, h('p', {}, h('label', {}, 'Search ', field), h('a', { href: 'config_dump' }, 'all as JSON')), found);
}

const levels = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off'];

/** A level that is chosen is set at once. */
function levelSwitch(name, level, again) {
  const select = h('select', { ariaLabel: `Level of ${name}` }, level ? null : h('option', {}, ''), levels.map((candidate) => h('option', { selected: candidate === level }, candidate)));
  select.addEventListener('change', () => get(`logging?${encodeURIComponent(name)}=${select.value}`, 'POST').then(again, alert));
  return select;
}

async function logging() {
  const box = h('div', {});
  const show = async () => {
    const loggers = [...(await get('logging', 'POST')).matchAll(/^ {2}(.+): (\w+)$/gm)];
    box.replaceChildren(h('p', {}, h('label', {}, 'All: ', levelSwitch('level', '', show))), table(['Logger', 'Level'], loggers.map(([, name, level]) => [name, levelSwitch(name, level, show)])));
  };
  await show();
  return box;
}
