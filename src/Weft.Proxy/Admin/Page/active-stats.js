// /stats?format=active-html: statistics that change, those that changed most often first.
(() => {
  const parameters = new URLSearchParams(location.search);
  parameters.set('format', 'json');
  const seen = new Map();
  const field = (name) => Number(document.getElementById(name).value);
  const body = document.querySelector('#active-stats tbody');

  function take(name, value) {
    const stat = seen.get(name);
    if (!stat) seen.set(name, { name, value, changes: 0 });
    else if (stat.value !== value) Object.assign(stat, { value, changes: stat.changes + 1 });
  }

  async function show() {
    try {
      const { stats } = await (await fetch('stats?' + parameters)).json();
      for (const stat of stats) {
        if (stat.name !== undefined) take(stat.name, String(stat.value));
        const { histograms } = stat;
        for (const histogram of histograms?.computed_quantiles ?? [])
          take(histogram.name, histogram.values.map((value, index) => `P${histograms.supported_quantiles[index]}(${value.interval ?? '-'},${value.cumulative ?? '-'})`).join(' '));
      }
      const rows = [...seen.values()].sort((a, b) => b.changes - a.changes || a.name.localeCompare(b.name)).slice(0, field('active-max'));
      body.replaceChildren(...rows.map((stat) => {
        const row = document.createElement('tr');
        row.append(...[stat.name, stat.value, stat.changes].map((text) => Object.assign(document.createElement('td'), { textContent: text })));
        return row;
      }));
      document.getElementById('active-fault').textContent = '';
    } catch (error) {
      document.getElementById('active-fault').textContent = String(error);
    }
    setTimeout(show, Math.max(1, field('active-interval')) * 1000);
  }

  show();
})();
