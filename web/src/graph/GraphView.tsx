import type { Graph } from '../api/graph'
import { useQuery, withParameters } from '../api/query'
import { Choice, Filters } from '../shell/Filters'
import { number } from '../shell/format'
import { usePlace } from '../shell/route'
import { CallTable } from './CallTable'
import { GraphDrawing } from './GraphDrawing'
import './graph.css'

const windows = [
  { value: '60000', text: 'the last minute' },
  { value: '300000', text: 'the last 5 minutes' },
  { value: '900000', text: 'the last 15 minutes' },
  { value: '3600000', text: 'the last hour' },
]

/** Who calls whom, how often, how often in vain and how fast, worked out of traces: as a drawing and as a table. */
export function GraphView() {
  const { parameters } = usePlace()
  const [lookback, service] = [parameters.get('time') ?? '', parameters.get('service') ?? '']
  const { data, error } = useQuery<Graph>(withParameters('/api/observe/graph', { lookback }), 5000, true)
  const { data: services = [] } = useQuery<string[]>('/api/v2/services', 5000)
  return (
    <>
      <Filters>
        <Choice label="Time" parameter="time" value={lookback} options={windows} all="all that is kept" />
        <Choice label="Service" parameter="service" value={service} options={services} />
      </Filters>
      {error && <p className="bad">{error}</p>}
      {data && <GraphOf graph={around(data, service)} of={data} />}
    </>
  )
}

function GraphOf({ graph, of }: { graph: Graph; of: Graph }) {
  if (graph.nodes.length === 0) return <p className="empty">No service has sent a trace{of.nodes.length > 0 ? ' that has to do with it' : ' in this time'}.</p>
  return (
    <>
      <p className="summary">
        {number(of.traces)} traces{of.partial && ', the newest of many,'} of {number(of.seconds)} s. Where proxies sample, there were more calls.
      </p>
      <GraphDrawing graph={graph} />
      <CallTable graph={graph} />
    </>
  )
}

/** A service, those that it calls and those that call it; everything when none is chosen. */
function around(graph: Graph, service: string): Graph {
  if (!service) return graph
  const links = graph.links.filter((link) => link.parent === service || link.child === service)
  const names = new Set([service, ...links.flatMap((link) => [link.parent, link.child])])
  return { ...graph, links, nodes: graph.nodes.filter((node) => names.has(node.name)) }
}
