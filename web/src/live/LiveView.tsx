import { useQuery } from '../api/query'
import type { TrafficKind, TrafficRow } from '../api/traffic'
import { Filters, SearchField } from '../shell/Filters'
import { usePlace } from '../shell/route'
import './live.css'
import { TrafficTable } from './TrafficTable'

const kinds: { kind: TrafficKind; title: string }[] = [
  { kind: 'listener', title: 'Listeners' },
  { kind: 'route', title: 'Routes' },
  { kind: 'cluster', title: 'Clusters' },
]

/** Live requests per listener, route and cluster of every proxy, with latencies. */
export function LiveView() {
  const { parameters } = usePlace()
  const search = parameters.get('q') ?? ''
  const { data, error } = useQuery<TrafficRow[]>('/api/observe/traffic', 2000)
  const rows = (data ?? []).filter((row) => `${row.proxy} ${row.name}`.toLowerCase().includes(search.toLowerCase()))
  return (
    <>
      <Filters>
        <SearchField label="Filter" parameter="q" value={search} placeholder="proxy or name" />
      </Filters>
      {error && <p className="bad">{error}</p>}
      {data?.length === 0 && (
        <p className="empty">
          No traffic is seen yet: see which <a href="#/proxies">proxies</a> are known, or have proxies send their access logs by gRPC.
        </p>
      )}
      {kinds.map(({ kind, title }) => (
        <TrafficTable key={kind} title={title} rows={rows.filter((row) => row.kind === kind)} />
      ))}
    </>
  )
}
