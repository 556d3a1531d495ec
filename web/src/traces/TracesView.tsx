import { type TraceSummary, useQuery } from '../api'
import { hue, microseconds, timeOfDay } from '../format'
import { replaceParameters, usePlace } from '../route'

const path = '/traces'

/** The latest traces, by service, duration and whether they failed. */
export function TracesView() {
  const { parameters } = usePlace()
  const filter = {
    serviceName: parameters.get('service') ?? '',
    minDuration: parameters.get('min') ?? '',
    annotationQuery: parameters.get('q') ?? '',
    errors: parameters.get('errors') ?? '',
    limit: '100',
  }
  const query = new URLSearchParams(Object.entries({ ...filter, minDuration: filter.minDuration ? String(Number(filter.minDuration) * 1000) : '' }).filter(([, value]) => value))
  const { data: services = [] } = useQuery<string[]>('/api/v2/services', 5000)
  const { data, error } = useQuery<TraceSummary[]>(`/api/observe/traces?${query}`, 2000)
  const longest = Math.max(1, ...(data ?? []).map((trace) => trace.durationUs))
  return (
    <>
      <form className="filters" onSubmit={(event) => event.preventDefault()}>
        <label>
          Service{' '}
          <select value={filter.serviceName} onChange={(event) => replaceParameters(path, { service: event.target.value })}>
            <option value="">all</option>
            {services.map((service) => (
              <option key={service}>{service}</option>
            ))}
          </select>
        </label>
        <label>
          At least <input className="short" inputMode="numeric" pattern="[0-9]*" value={filter.minDuration} onChange={(event) => replaceParameters(path, { min: event.target.value.replace(/\D/g, '') })} /> ms
        </label>
        <label>
          Tags <input type="search" value={filter.annotationQuery} placeholder="error and http.method=GET" onChange={(event) => replaceParameters(path, { q: event.target.value })} />
        </label>
        <label>
          <input type="checkbox" checked={filter.errors === 'true'} onChange={(event) => replaceParameters(path, { errors: event.target.checked ? 'true' : '' })} /> only failed
        </label>
      </form>
      {error && <p className="bad">{error}</p>}
      {data?.length === 0 && (
        <p className="empty">
          No such trace. Proxies and services send them to <code>POST /api/v2/spans</code> (Zipkin) or by OTLP; the README of <code>samples/observability</code> shows a configuration.
        </p>
      )}
      {data && data.length > 0 && (
        <table className="traces" aria-label="Traces">
          <thead>
            <tr>
              <th>Began</th>
              <th>Service</th>
              <th>Operation</th>
              <th className="number">Spans</th>
              <th>Services</th>
              <th className="number">Status</th>
              <th>Duration</th>
            </tr>
          </thead>
          <tbody>
            {data.map((trace) => (
              <tr key={trace.traceId}>
                <td>{timeOfDay(trace.startUs / 1000)}</td>
                <td>{trace.service}</td>
                <td>
                  <a href={`#${path}/${trace.traceId}`}>{trace.name || trace.traceId}</a>
                </td>
                <td className="number">{trace.spans}</td>
                <td>
                  {trace.services.map((service) => (
                    <span key={service} className="service" style={{ '--hue': hue(service) } as React.CSSProperties}>
                      {service}
                    </span>
                  ))}
                </td>
                <td className={trace.error ? 'number bad' : 'number'}>{trace.status || (trace.error ? 'error' : '')}</td>
                <td>
                  <span className="bar" style={{ width: `${(trace.durationUs / longest) * 60}%` }} /> {microseconds(trace.durationUs)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  )
}
