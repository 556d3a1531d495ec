import { useMemo, useState } from 'react'
import { useQuery } from '../api/query'
import type { Span } from '../api/traces'
import { hue, microseconds, timeOfDay } from '../shell/format'
import { type Line, lines } from './tree'
import './traces.css'

/** One trace as a waterfall; a span that is chosen tells its tags. */
export function TraceView({ id }: { id: string }) {
  const { data, error } = useQuery<Span[]>(`/api/v2/trace/${encodeURIComponent(id)}`, 5000)
  const all = useMemo(() => lines(data ?? []), [data])
  const [chosen, setChosen] = useState<string>()
  if (error?.includes(' 404 ') && !data)
    return (
      <p className="empty">
        There is no trace {id}, or newer ones have taken its place. <a href="#/traces">All traces</a>
      </p>
    )
  if (error && !data) return <p className="bad">{error}</p>
  if (!data || all.length === 0) return <p className="empty">…</p>
  const start = Math.min(...all.map((line) => line.start))
  const length = Math.max(1, ...all.map((line) => line.start + line.duration - start))
  return (
    <section className="waterfall">
      <h2>
        {all[0]!.span.localEndpoint?.serviceName}: {all[0]!.span.name} <small>{id}</small>
      </h2>
      <p className="summary">
        {timeOfDay(start / 1000)} · {microseconds(length)} · {data.length} spans · <a href={`/api/v2/trace/${id}`}>JSON</a> · <a href="#/traces">all traces</a>
      </p>
      <div className="scale" aria-hidden="true">
        {[0, 0.25, 0.5, 0.75, 1].map((part) => (
          <span key={part} style={{ left: `${part * 100}%` }}>
            {microseconds(length * part)}
          </span>
        ))}
      </div>
      <ol aria-label="Spans">
        {all.map((line) => {
          const key = `${line.span.id}${line.span.kind ?? ''}${line.span.localEndpoint?.serviceName ?? ''}`
          return <SpanLine key={key} line={line} start={start} length={length} isOpen={chosen === key} toggle={() => setChosen(chosen === key ? undefined : key)} />
        })}
      </ol>
    </section>
  )
}

interface SpanLineProps {
  line: Line
  start: number
  length: number
  isOpen: boolean
  toggle: () => void
}

function SpanLine({ line, start, length, isOpen, toggle }: SpanLineProps) {
  const { span } = line
  const service = span.localEndpoint?.serviceName ?? ''
  const failed = span.tags?.error !== undefined
  const place = { '--hue': hue(service), left: `${((line.start - start) / length) * 100}%`, width: `max(2px, ${(line.duration / length) * 100}%)` } as React.CSSProperties
  return (
    <li>
      <button type="button" className="span" aria-expanded={isOpen} onClick={toggle}>
        <span className="label" style={{ paddingLeft: `${line.depth}rem` }}>
          <b>{service || '?'}</b> {span.name} <small>{span.kind?.toLowerCase()}</small>
        </span>
        <span className="track">
          <span className={failed ? 'block failed' : 'block'} style={place} />
          {span.annotations?.map((annotation, index) => (
            <span key={index} className="mark" title={annotation.value} style={{ left: `${Math.min(100, Math.max(0, ((annotation.timestamp - start) / length) * 100))}%` }} />
          ))}
        </span>
        <span className={failed ? 'number bad' : 'number'}>{microseconds(line.duration)}</span>
      </button>
      {isOpen && <SpanDetails span={span} start={start} />}
    </li>
  )
}

function SpanDetails({ span, start }: { span: Span; start: number }) {
  const address = span.localEndpoint && [span.localEndpoint.ipv4 ?? span.localEndpoint.ipv6, span.localEndpoint.port].filter(Boolean).join(':')
  const rows: [string, string][] = [
    ['span', span.id + (span.shared ? ' (shared)' : '')],
    ['parent', span.parentId ?? ''],
    ['address', address ?? ''],
    ['remote', span.remoteEndpoint?.serviceName ?? span.remoteEndpoint?.ipv4 ?? ''],
    ...Object.entries(span.tags ?? {}).sort(([a], [b]) => a.localeCompare(b)),
    ...(span.annotations ?? []).map((annotation): [string, string] => [`+ ${microseconds(annotation.timestamp - start)}`, annotation.value]),
  ]
  return (
    <dl>
      {rows
        .filter(([, value]) => value)
        .map(([name, value], index) => (
          <div key={index}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  )
}
