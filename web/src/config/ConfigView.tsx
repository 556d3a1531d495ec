import { useEffect, useState } from 'react'
import type { ConfigFound, ConfigSearch } from '../api/config'
import { useQuery, withParameters } from '../api/query'
import { Choice, Filters, SearchField } from '../shell/Filters'
import { linkTo, usePlace } from '../shell/route'
import './config.css'
import { resourceLink } from './link'
import { Origin } from './Origin'

/** Resources shown at once. */
const limit = 100

/** Between two questions while configurations are being read, and then. */
const impatientMs = 300
const patientMs = 3000

/** A search in the configuration of all proxies, as they run it now. */
export function ConfigView() {
  const { parameters } = usePlace()
  const [q, kind, proxy] = ['q', 'kind', 'proxy'].map((name) => parameters.get(name) ?? '') as [string, string, string]
  const [intervalMs, setIntervalMs] = useState(impatientMs)
  const { data, error } = useQuery<ConfigSearch>(withParameters('/api/observe/config', { q, kind, address: proxy, limit }), intervalMs, true)
  const isComplete = data?.proxies.every((one) => one.read || one.error)
  useEffect(() => setIntervalMs(isComplete ? patientMs : impatientMs), [isComplete])
  return (
    <>
      <Filters>
        <SearchField label="Search" parameter="q" value={q} placeholder="backend 127.0.0.1:8080 connect_timeout=1s" wide />
        <Choice label="Kind" parameter="kind" value={kind} options={data?.kinds ?? (kind ? [kind] : [])} />
        <Choice label="Proxy" parameter="proxy" value={proxy} options={(data?.proxies ?? []).map((one) => ({ value: one.address, text: one.name }))} />
      </Filters>
      <p className="summary">
        Words that must all be in a resource: names, addresses (<code>127.0.0.1:8080</code>), fields (<code>connect_timeout</code>), fields with their value (<code>connect_timeout=1s</code>); quotes hold words together.
      </p>
      {error && <p className="bad">{error}</p>}
      {data && <ReadingLine data={data} />}
      {data && data.resources.length === 0 && data.proxies.some((one) => one.read) && <p className="empty">No resource has all of these words.</p>}
      {data?.proxies.length === 0 && (
        <p className="empty">
          No proxy is known: see <a href="#/proxies">Proxies</a>.
        </p>
      )}
      <ul className="resources" aria-label="Resources">
        {data?.resources.map((resource) => <Found key={`${resource.address} ${resource.section} ${resource.name}`} resource={resource} search={q} />)}
      </ul>
      {data && data.total > data.resources.length && <p className="summary">{data.total - data.resources.length} more: another word tells them apart.</p>}
    </>
  )
}

/** What is not there yet, or cannot be. */
function ReadingLine({ data }: { data: ConfigSearch }) {
  const reading = data.proxies.filter((proxy) => !proxy.read && !proxy.error)
  const left = data.proxies.filter((proxy) => proxy.left > 0)
  return (
    <>
      <p className="summary" role="status">
        {data.total} {data.total === 1 ? 'resource' : 'resources'} of {data.proxies.filter((proxy) => proxy.read).length} proxies{reading.length > 0 && ` · ${reading.length} are being read`}
      </p>
      {data.proxies
        .filter((proxy) => proxy.error)
        .map((proxy) => (
          <p key={proxy.address} className="bad">
            {proxy.name}: {proxy.error}
          </p>
        ))}
      {left.map((proxy) => (
        <p key={proxy.address} className="bad">
          {proxy.name}: {proxy.left} resources are left out, there is no room for them (--max-config-mb)
        </p>
      ))}
    </>
  )
}

function Found({ resource, search }: { resource: ConfigFound; search: string }) {
  return (
    <li>
      <h2>
        <span className="kind">{resource.kind}</span> <a href={resourceLink(resource, search)}>{resource.name || resource.kind}</a> <small>in </small>
        <a className="proxy" href={linkTo(`/proxies/${encodeURIComponent(resource.address)}`)}>
          {resource.proxy}
        </a>
      </h2>
      <Origin resource={resource} />
      {resource.lines.length > 0 && (
        <ol className="lines">
          {resource.lines.map((line) => (
            <li key={line.number}>
              <a href={resourceLink(resource, search, line.number)}>
                {line.path && <i>{line.path}.</i>}
                <code>{line.text}</code>
              </a>
            </li>
          ))}
        </ol>
      )}
    </li>
  )
}
