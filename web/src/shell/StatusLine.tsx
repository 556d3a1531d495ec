import { useQuery } from '../api/query'
import type { Status } from '../api/status'
import { number } from './format'

/** What is kept, and what went wrong, in one line. */
export function StatusLine() {
  const { data, error } = useQuery<Status>('/api/observe/status', 2000)
  if (error) return <p className="status bad">not reached: {error}</p>
  if (!data) return null
  const failing = data.proxies.filter((proxy) => proxy.error)
  return (
    <p className="status">
      {failing.length > 0 && (
        <a className="bad" href="#/proxies" title={failing.map((proxy) => `${proxy.address}: ${proxy.error}`).join('\n')}>
          {failing.length} of {data.proxies.length} proxies not reached
        </a>
      )}
      <span>{number(data.traces)} traces</span>
      <span>{number(data.logLines)} log lines</span>
      <span>{number(data.series)} series</span>
      {data.spansDropped > 0 && <span title="to make room for newer ones">{number(data.spansDropped)} spans gone</span>}
      {data.datagramsLost > 0 && (
        <span className="bad" title="of statsd, dropped by the system: they came faster than they were read">
          {number(data.datagramsLost)} datagrams lost
        </span>
      )}
      {data.malformed > 0 && <span className="bad">{number(data.malformed)} malformed</span>}
    </p>
  )
}
