import { useState } from 'react'
import type { ClusterHealth, EndpointHealth } from '../api/proxies'
import { number } from '../shell/format'
import { linkTo } from '../shell/route'
import { Healthy } from './parts'

/** Clusters shown at once: a page of ten thousand rows helps nobody. */
const shown = 200

/** Clusters, those that are not well first; one that is opened tells its endpoints, and those that are not well do so at once. */
export function ClusterTable({ proxy, clusters }: { proxy: string; clusters: ClusterHealth[] }) {
  return (
    <>
      <table aria-label="Clusters">
        <thead>
          <tr>
            <th>Name</th>
            <th>From</th>
            <th className="number">Healthy endpoints</th>
          </tr>
        </thead>
        {clusters.slice(0, shown).map((cluster) => (
          <ClusterRows key={cluster.name} proxy={proxy} cluster={cluster} />
        ))}
      </table>
      {clusters.length > shown && <p className="summary">{clusters.length - shown} more: type a part of the name.</p>}
    </>
  )
}

function ClusterRows({ proxy, cluster }: { proxy: string; cluster: ClusterHealth }) {
  const [open, setOpen] = useState<boolean>()
  const isOpen = open ?? (cluster.healthy < cluster.total && cluster.total <= 20)
  return (
    <tbody>
      <tr>
        <td>
          <button type="button" className="link" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {cluster.name}
          </button>
        </td>
        <td>
          {cluster.dynamic ? 'xDS' : 'bootstrap'} · <a href={linkTo('/config', { proxy, kind: 'Cluster', q: cluster.name })}>configuration</a>
        </td>
        <td className="number">
          <Healthy healthy={cluster.healthy} total={cluster.total} />
        </td>
      </tr>
      {isOpen && (
        <tr>
          <td colSpan={3} className="nested">
            <EndpointTable cluster={cluster} />
          </td>
        </tr>
      )}
    </tbody>
  )
}

function EndpointTable({ cluster }: { cluster: ClusterHealth }) {
  if (cluster.total === 0) return <p className="summary">It has no endpoints.</p>
  return (
    <>
      <table aria-label={`Endpoints of ${cluster.name}`}>
        <thead>
          <tr>
            <th>Address</th>
            <th>Health</th>
            <th>Locality</th>
            <th className="number">Priority</th>
            <th className="number">Weight</th>
            <th className="number">Connections</th>
            <th className="number">Active</th>
            <th className="number">Requests</th>
            <th className="number">Errors</th>
          </tr>
        </thead>
        <tbody>
          {cluster.endpoints.map((endpoint, index) => (
            <EndpointRow key={`${endpoint.address} ${index}`} endpoint={endpoint} />
          ))}
        </tbody>
      </table>
      {cluster.total > cluster.endpoints.length && <p className="summary">{cluster.total - cluster.endpoints.length} more are not kept.</p>}
    </>
  )
}

function EndpointRow({ endpoint }: { endpoint: EndpointHealth }) {
  return (
    <tr>
      <td title={endpoint.hostname}>{endpoint.address}</td>
      <td className={endpoint.health === 'healthy' ? undefined : 'bad'}>{endpoint.health}</td>
      <td>{endpoint.locality}</td>
      <td className="number">{endpoint.priority}</td>
      <td className="number">{endpoint.weight}</td>
      <td className="number">{number(endpoint.connections)}</td>
      <td className="number">{number(endpoint.active)}</td>
      <td className="number">{number(endpoint.requests)}</td>
      <td className={endpoint.errors > 0 ? 'number bad' : 'number'}>{number(endpoint.errors)}</td>
    </tr>
  )
}
