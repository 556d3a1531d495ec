import type { TraceSummary } from '../api/traces'
import { microseconds, timeOfDay } from '../shell/format'
import { Service } from '../shell/Service'

interface Props {
  traces: TraceSummary[]
  /** Identifiers of at most two. */
  chosen: string[]
  choose: (chosen: string[]) => void
}

export function TraceTable({ traces, chosen, choose }: Props) {
  const longest = Math.max(1, ...traces.map((trace) => trace.durationUs))
  const toggle = (id: string) => choose(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id].slice(-2))
  return (
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
          <th>Compare</th>
        </tr>
      </thead>
      <tbody>
        {traces.map((trace) => (
          <tr key={trace.traceId}>
            <td>{timeOfDay(trace.startUs / 1000)}</td>
            <td>{trace.service}</td>
            <td>
              <a href={`#/traces/${trace.traceId}`}>{trace.name || trace.traceId}</a>
            </td>
            <td className="number">{trace.spans}</td>
            <td>
              {trace.services.map((service) => (
                <Service key={service} name={service} />
              ))}
            </td>
            <td className={trace.error ? 'number bad' : 'number'}>{trace.status || (trace.error ? 'error' : '')}</td>
            <td>
              <span className="bar" style={{ width: `${(trace.durationUs / longest) * 60}%` }} /> {microseconds(trace.durationUs)}
            </td>
            <td>
              <input type="checkbox" aria-label={`Compare ${trace.traceId}`} checked={chosen.includes(trace.traceId)} onChange={() => toggle(trace.traceId)} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
