import type { ProxyDetails } from '../api/proxies'
import { useQuery, withParameters } from '../api/query'
import { Filters, SearchField } from '../shell/Filters'
import { age } from '../shell/format'
import { linkTo, usePlace } from '../shell/route'
import { ClusterTable } from './ClusterTable'
import { shortVersion } from './parts'

/** One proxy: what it is, its listeners, its clusters with their endpoints. */
export function ProxyView({ address }: { address: string }) {
  const { parameters } = usePlace()
  const search = (parameters.get('q') ?? '').toLowerCase()
  const { data, error } = useQuery<ProxyDetails>(withParameters('/api/observe/proxy', { address }), 2000)
  if (!data) return <p className={error ? 'bad' : 'empty'}>{error ?? '…'}</p>
  const clusters = data.clusterList.filter((cluster) => cluster.name.toLowerCase().includes(search) || cluster.endpoints.some((endpoint) => `${endpoint.address} ${endpoint.hostname} ${endpoint.health}`.toLowerCase().includes(search)))
  const listeners = data.listenerList.filter((listener) => `${listener.name} ${listener.addresses.join(' ')}`.toLowerCase().includes(search))
  return (
    <>
      <h2>
        {data.name} <small>{data.address}</small>
      </h2>
      {data.error && <p className="bad">not reached: {data.error}; what follows is what it said last</p>}
      <p className="summary">
        {[data.state, shortVersion(data.version), `up ${age(data.uptimeSeconds)}`, data.concurrency && `${data.concurrency} ${data.concurrency === 1 ? 'worker' : 'workers'}`, data.restartEpoch ? `epoch ${data.restartEpoch}` : '', data.cluster, data.zone, data.configPath]
          .filter(Boolean)
          .join(' · ')}{' '}
        · <a href={linkTo('/config', { proxy: data.address })}>configuration</a> · <a href={linkTo('/live', { q: data.name })}>traffic</a> · <a href="#/proxies">all proxies</a>
      </p>
      <Filters>
        <SearchField label="Filter" parameter="q" value={parameters.get('q') ?? ''} placeholder="cluster, listener, address, health" />
      </Filters>
      <h3>Listeners</h3>
      <table aria-label="Listeners">
        <thead>
          <tr>
            <th>Name</th>
            <th>Addresses</th>
          </tr>
        </thead>
        <tbody>
          {listeners.map((listener) => (
            <tr key={listener.name}>
              <td>
                <a href={linkTo('/config', { proxy: data.address, kind: 'Listener', q: listener.name })}>{listener.name}</a>
              </td>
              <td>{listener.addresses.join(', ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h3>Clusters</h3>
      <ClusterTable proxy={data.address} clusters={clusters} />
      {(data.clusters ?? 0) > data.clusterList.length && <p className="summary">{(data.clusters ?? 0) - data.clusterList.length} more clusters are not kept, all of them with nothing worse than these.</p>}
    </>
  )
}
