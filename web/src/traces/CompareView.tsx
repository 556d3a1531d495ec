import { useMemo } from 'react'
import { useQuery } from '../api/query'
import type { Span } from '../api/traces'
import { microseconds, timeOfDay } from '../shell/format'
import { usePlace } from '../shell/route'
import { compare, difference, type Step } from './compare'
import { type Line, lines } from './tree'
import './traces.css'

/** Two traces side by side: where one took longer, and what only one of them did. */
export function CompareView() {
  const { parameters } = usePlace()
  const ids = [parameters.get('a') ?? '', parameters.get('b') ?? '']
  const { data, error } = useQuery<Span[][]>(`/api/v2/traceMany?traceIds=${ids.map(encodeURIComponent).join(',')}`)
  const [a, b] = useMemo(() => ids.map((id) => lines(data?.find((spans) => sameId(spans[0]?.traceId, id)) ?? [])) as [Line[], Line[]], [data, ids[0], ids[1]])
  if (!data) return <p className={error ? 'bad' : 'empty'}>{error ?? '…'}</p>
  if (a.length === 0 || b.length === 0) return <p className="bad">{ids[a.length === 0 ? 0 : 1]} is no longer kept.</p>
  const steps = compare(a, b)
  const longest = Math.max(1, ...[...a, ...b].map((line) => line.duration))
  return (
    <>
      <h2>Two traces</h2>
      <p className="summary">
        A: <TraceLink lines={a} /> · B: <TraceLink lines={b} /> · <a href="#/traces">all traces</a>
      </p>
      <table className="compare" aria-label="Steps of both traces">
        <thead>
          <tr>
            <th>Step</th>
            <th>A</th>
            <th>B</th>
            <th className="number">B takes</th>
          </tr>
        </thead>
        <tbody>
          {steps.map((step) => (
            <StepRow key={step.key} step={step} longest={longest} />
          ))}
        </tbody>
      </table>
    </>
  )
}

const sameId = (a: string | undefined, b: string) => a?.replace(/^0+/, '') === b.replace(/^0+/, '')

function TraceLink({ lines: [first] }: { lines: Line[] }) {
  return (
    <a href={`#/traces/${first!.span.traceId}`}>
      {first!.span.name || first!.span.traceId}, {timeOfDay(first!.start / 1000)}
    </a>
  )
}

function StepRow({ step, longest }: { step: Step; longest: number }) {
  const more = difference(step)
  const isSlower = more !== undefined && more > 0 && step.b!.duration > step.a!.duration * 1.2
  return (
    <tr>
      <td style={{ paddingLeft: `${step.depth + 0.6}rem` }}>
        <b>{step.service || '?'}</b> {step.name} <small>{step.kind}</small>
      </td>
      <Duration line={step.a} longest={longest} />
      <Duration line={step.b} longest={longest} />
      <td className={isSlower ? 'number bad' : 'number'}>{differenceText(step, more)}</td>
    </tr>
  )
}

function Duration({ line, longest }: { line: Line | undefined; longest: number }) {
  if (!line) return <td className="absent">not there</td>
  const failed = line.span.tags?.error !== undefined
  return (
    <td className={failed ? 'bad' : undefined}>
      <span className="bar" style={{ width: `${(line.duration / longest) * 55}%` }} /> {microseconds(line.duration)}
      {failed && ' failed'}
    </td>
  )
}

function differenceText(step: Step, more: number | undefined): string {
  if (more === undefined) return step.a ? 'only in A' : 'only in B'
  if (more === 0) return 'the same'
  return `${microseconds(Math.abs(more))} ${more > 0 ? 'more' : 'less'}`
}
