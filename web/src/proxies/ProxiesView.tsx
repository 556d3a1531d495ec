import type { Proxy, ProxyList, ProxyOrigin } from '../api/proxies'
import { useQuery } from '../api/query'
import { Filters, SearchField } from '../shell/Filters'
import { age, number } from '../shell/format'
import { linkTo, usePlace } from '../shell/route'
import { Healthy, shortVersion } from './parts'

const origins: Record<ProxyOrigin, string> = { option: '--proxy', file: 'folder', machine: 'this machine' }

/** The proxies that are watched, and how they are. */
export function ProxiesView() {
  const { parameters } = usePlace()
  const search = parameters.get('q') ?? ''
  const { data, error } = useQuery<ProxyList>('/api/observe/proxies', 2000)
  const proxies = (data?.proxies ?? []).filter((proxy) => [proxy.name, proxy.address, proxy.cluster, proxy.zone, proxy.version, proxy.state].join(' ').toLowerCase().includes(search.toLowerCase()))
  return (
    <>
      <Filters>
        <SearchField label="Filter" parameter="q" value={search} placeholder="name, address, version, state" />
        <a href="#/config">Search their configuration</a>
      </Filters>
      {error && <p className="bad">{error}</p>}
      {data?.proxies.length === 0 && (
        <p className="empty">
          No proxy is known. Those of this machine are found when they run (<code>weft proxy</code> with an admin address); <code>weft observe --proxy HOST:PORT</code> names others, <code>--proxies FOLDER</code> a folder of the files of
          their <code>--admin-address-path</code>.
        </p>
      )}
      {data && data.refused > 0 && <p className="bad">{data.refused} more proxies are not watched: there are too many.</p>}
      {proxies.length > 0 && <ProxyTable proxies={proxies} />}
    </>
  )
}

function ProxyTable({ proxies }: { proxies: Proxy[] }) {
  return (
    <table aria-label="Proxies">
      <thead>
        <tr>
          <th>Proxy</th>
          <th>Admin address</th>
          <th>Cluster</th>
          <th>State</th>
          <th>Version</th>
          <th className="number">Up</th>
          <th className="number">Listeners</th>
          <th className="number">Clusters</th>
          <th className="number">Healthy endpoints</th>
          <th>Found by</th>
        </tr>
      </thead>
      <tbody>
        {proxies.map((proxy) => (
          <tr key={proxy.address}>
            <td>
              <a href={linkTo(`/proxies/${encodeURIComponent(proxy.address)}`)}>{proxy.name}</a>
            </td>
            <td>{proxy.address}</td>
            <td>{[proxy.cluster, proxy.zone].filter(Boolean).join(' · ')}</td>
            <td className={proxy.error ? 'bad' : undefined} title={proxy.error}>
              {proxy.error ? 'not reached' : proxy.state}
            </td>
            <td title={proxy.version}>{shortVersion(proxy.version)}</td>
            <td className="number">{age(proxy.uptimeSeconds)}</td>
            <td className="number">{number(proxy.listeners)}</td>
            <td className="number">{number(proxy.clusters)}</td>
            <td className="number">
              <Healthy healthy={proxy.healthy} total={proxy.endpoints} />
            </td>
            <td>{origins[proxy.origin]}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
