// Shows the view that stands behind the # of the address, and asks again every two seconds where that makes sense.
(() => {
  const views = {
    overview: { show: overview, isLive: true },
    clusters: { show: clusters, isLive: true },
    cluster: { show: cluster, isLive: true, within: 'clusters' },
    routes: { show: async () => [routesForm, await routes()] },
    route: { show: route, isLive: true, within: 'routes' },
    config: { show: configSearch },
    logging: { show: logging },
  };
  const routesForm = explainForm();
  const box = document.getElementById('view');
  const endpoints = document.getElementById('endpoints');
  const everyMs = 2000;
  let turn = 0;

  async function show() {
    const mine = ++turn;
    const [name, ...parts] = (location.hash.slice(1) || 'overview').split('/').map(decodeURIComponent);
    const view = views[name];
    for (const item of document.querySelectorAll('nav a')) item.toggleAttribute('aria-current', item.hash === '#' + (view?.within ?? name));
    endpoints.hidden = view !== undefined;
    box.hidden = view === undefined;
    while (view && mine === turn) {
      const asked = performance.now();
      // What is open stays open while numbers change, and nobody's selection is lost.
      if (!document.hidden && getSelection().isCollapsed) {
        const open = [...box.querySelectorAll('details')].map((details) => details.open);
        const content = await Promise.resolve(view.show(...parts)).catch((error) => h('p', { className: 'bad' }, String(error)));
        if (mine !== turn) return;
        box.replaceChildren(...[content].flat(9).filter(Boolean));
        box.querySelectorAll('details').forEach((details, index) => (details.open = open[index] ?? details.open));
      }
      if (!view.isLive) return;
      // A proxy that is slow to answer, since it has much to tell, is asked less often.
      await new Promise((resolve) => setTimeout(resolve, Math.max(everyMs, 10 * (performance.now() - asked))));
    }
  }

  document.querySelector('nav').hidden = false;
  addEventListener('hashchange', show);
  show();
})();
