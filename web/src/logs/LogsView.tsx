import type { LogLine } from '../api/logs'
import { useQuery, withParameters } from '../api/query'
import { Filters, SearchField } from '../shell/Filters'
import { timeOfDay } from '../shell/format'
import { usePlace } from '../shell/route'
import './logs.css'

/** The latest lines of access logs, newest first. */
export function LogsView() {
  const { parameters } = usePlace()
  const search = parameters.get('q') ?? ''
  const { data, error } = useQuery<LogLine[]>(withParameters('/api/observe/logs', { limit: 200, q: search }), 1000, true)
  return (
    <>
      <Filters>
        <SearchField label="Filter" parameter="q" value={search} placeholder="text of a line, or its source" />
      </Filters>
      {error && <p className="bad">{error}</p>}
      {data?.length === 0 && (
        <p className="empty">
          No such line. Start with <code>weft observe --access-log FILE</code>, or have proxies send their access logs by gRPC.
        </p>
      )}
      <ol className="log" aria-label="Access log">
        {[...(data ?? [])].reverse().map((line) => (
          <li key={line.number}>
            <time>{timeOfDay(line.receivedMs)}</time> <b title={line.source}>{shortSource(line.source)}</b> <LineText text={line.text} />
          </li>
        ))}
      </ol>
    </>
  )
}

/** A file by its name alone; a node as it calls itself. */
const shortSource = (source: string) => (source.startsWith('/') ? source.slice(source.lastIndexOf('/') + 1) : source)

/** A line; one of JSON as its members, without those that say nothing. */
function LineText({ text }: { text: string }) {
  const members = jsonMembers(text)
  if (!members) return <code>{text}</code>
  return (
    <span className="members">
      {members
        .filter(([, value]) => value !== null && value !== '' && value !== '-')
        .map(([name, value]) => (
          <span key={name}>
            <i>{name}</i> {typeof value === 'object' ? JSON.stringify(value) : String(value)}
          </span>
        ))}
    </span>
  )
}

function jsonMembers(text: string): [string, unknown][] | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    return Object.entries(JSON.parse(text) as Record<string, unknown>)
  } catch {
    return undefined
  }
}
