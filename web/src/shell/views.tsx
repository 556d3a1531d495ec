import type { ReactNode } from 'react'
import { ConfigView } from '../config/ConfigView'
import { ResourceView } from '../config/ResourceView'
import { GraphView } from '../graph/GraphView'
import { LiveView } from '../live/LiveView'
import { LogsView } from '../logs/LogsView'
import { ProxiesView } from '../proxies/ProxiesView'
import { ProxyView } from '../proxies/ProxyView'
import { CompareView } from '../traces/CompareView'
import { TracesView } from '../traces/TracesView'
import { TraceView } from '../traces/TraceView'

/** A part of the page, reached by its path and those below it. */
export interface View {
  path: string
  title: string
  /** What it shows at its path, or at one below: what follows the path, without a slash. */
  render: (below: string) => ReactNode
}

/** In the order of the navigation; the number keys choose them. */
export const views: readonly View[] = [
  { path: '/live', title: 'Live', render: () => <LiveView /> },
  { path: '/traces', title: 'Traces', render: (below) => (below === 'compare' ? <CompareView /> : below ? <TraceView id={below} /> : <TracesView />) },
  { path: '/graph', title: 'Services', render: () => <GraphView /> },
  { path: '/logs', title: 'Logs', render: () => <LogsView /> },
  { path: '/proxies', title: 'Proxies', render: (below) => (below ? <ProxyView address={below} /> : <ProxiesView />) },
  { path: '/config', title: 'Configuration', render: (below) => (below ? <ResourceView /> : <ConfigView />) },
]

/** The view of a place, and what is below its path; the first where there is none. */
export function viewOf(path: string): { view: View; below: string } {
  const view = views.find((one) => path === one.path || path.startsWith(`${one.path}/`))
  return view ? { view, below: decoded(path.slice(view.path.length + 1)) } : { view: views[0]!, below: '' }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
