import { useEffect } from 'react'
import { type Status, useQuery } from './api'
import { number } from './format'
import { GraphView } from './graph/GraphView'
import { LiveView } from './live/LiveView'
import { LogsView } from './logs/LogsView'
import { usePlace } from './route'
import { TraceView } from './traces/TraceView'
import { TracesView } from './traces/TracesView'

const views = [
  { path: '/live', title: 'Live' },
  { path: '/traces', title: 'Traces' },
  { path: '/graph', title: 'Services' },
  { path: '/logs', title: 'Logs' },
]

export function App() {
  const { path } = usePlace()
  useNumberKeys()
  return (
    <>
      <header>
        <a className="brand" href="#/live">
          Weft <span>observe</span>
        </a>
        <nav aria-label="Views">
          {views.map((view, index) => (
            <a key={view.path} href={`#${view.path}`} aria-current={path.startsWith(view.path) ? 'page' : undefined} title={`Key ${index + 1}`}>
              {view.title}
            </a>
          ))}
        </nav>
        <StatusLine />
      </header>
      <main>
        <View path={path} />
      </main>
    </>
  )
}

function View({ path }: { path: string }) {
  if (path.startsWith('/traces/')) return <TraceView id={path.slice('/traces/'.length)} />
  switch (path) {
    case '/traces':
      return <TracesView />
    case '/graph':
      return <GraphView />
    case '/logs':
      return <LogsView />
    default:
      return <LiveView />
  }
}

function StatusLine() {
  const { data, error } = useQuery<Status>('/api/observe/status', 2000)
  if (error) return <p className="status bad" role="status">not reached: {error}</p>
  if (!data) return null
  const failing = data.proxies.filter((proxy) => proxy.error)
  return (
    <p className="status" role="status">
      {failing.length > 0 && (
        <span className="bad" title={failing.map((proxy) => `${proxy.address}: ${proxy.error}`).join('\n')}>
          {failing.length} of {data.proxies.length} proxies not reached ·{' '}
        </span>
      )}
      {number(data.traces)} traces · {number(data.logLines)} log lines · {number(data.series)} series
      {data.spansDropped > 0 && <span title="to make room for newer ones"> · {number(data.spansDropped)} spans gone</span>}
      {data.datagramsLost > 0 && (
        <span className="bad" title="of statsd, dropped by the system: they came faster than they were read">
          {' '}
          · {number(data.datagramsLost)} datagrams lost
        </span>
      )}
      {data.malformed > 0 && <span className="bad"> · {number(data.malformed)} malformed</span>}
    </p>
  )
}

/** 1 to 4 choose a view, / goes to the search field. */
function useNumberKeys() {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return
      const view = views[Number(event.key) - 1]
      if (view) window.location.hash = view.path
      if (event.key !== '/') return
      event.preventDefault()
      document.querySelector<HTMLInputElement>('input[type=search]')?.focus()
    }
    window.addEventListener('keydown', pressed)
    return () => window.removeEventListener('keydown', pressed)
  }, [])
}
