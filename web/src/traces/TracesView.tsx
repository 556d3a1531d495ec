import { useState } from 'react'
import { useQuery, withParameters } from '../api/query'
import type { TraceSummary } from '../api/traces'
import { linkTo, usePlace } from '../shell/route'
import { TraceFilters, type TraceFilter } from './TraceFilters'
import { TraceTable } from './TraceTable'
import './traces.css'

const limit = 100

const microseconds = (ms: string) => (ms ? Number(ms) * 1000 : undefined)

/** Traces by service, tags, duration and whether they failed: the newest or the longest. */
export function TracesView() {
  const { parameters } = usePlace()
  const [chosen, setChosen] = useState<string[]>([])
  const read = (name: string) => parameters.get(name) ?? ''
  const filter: TraceFilter = { service: read('service'), with: read('with'), operation: read('operation'), tags: read('q'), least: read('min'), most: read('max'), errors: read('errors'), sort: read('sort') }
  const { data, error } = useQuery<TraceSummary[]>(
    withParameters('/api/observe/traces', {
      serviceName: filter.service,
      with: filter.with,
      spanName: filter.operation,
      q: filter.tags,
      minTrace: microseconds(filter.least),
      maxTrace: microseconds(filter.most),
      errors: filter.errors,
      sort: filter.sort,
      limit,
    }),
    2000,
    true,
  )
  return (
    <>
      <TraceFilters filter={filter} />
      {error && <p className="bad">{error}</p>}
      {data?.length === 0 && (
        <p className="empty">
          No such trace. Proxies and services send them to <code>POST /api/v2/spans</code> (Zipkin) or by OTLP; the README of <code>samples/observability</code> shows a configuration.
        </p>
      )}
      {chosen.length > 0 && (
        <p className="summary" role="status">
          {chosen.length === 2 ? <a href={linkTo('/traces/compare', { a: chosen[0]!, b: chosen[1]! })}>Compare the two</a> : 'Choose a second trace to compare the two.'}{' '}
          <button type="button" className="link" onClick={() => setChosen([])}>
            Choose none
          </button>
        </p>
      )}
      {data && data.length > 0 && <TraceTable traces={data} chosen={chosen} choose={setChosen} />}
      {data?.length === limit && <p className="summary">The first {limit} of them.</p>}
    </>
  )
}
