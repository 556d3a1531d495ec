import type { Graph } from '../api/graph'
import { milliseconds, number, percent, rate } from '../shell/format'
import { linkTo } from '../shell/route'

/** Every arrow of the drawing as a row. */
export function CallTable({ graph }: { graph: Graph }) {
  if (graph.links.length === 0) return null
  return (
    <table aria-label="Calls">
      <thead>
        <tr>
          <th>From</th>
          <th>To</th>
          <th className="number">Calls</th>
          <th className="number">Rate</th>
          <th className="number">Errors</th>
          <th className="number">p50</th>
          <th className="number">p90</th>
          <th className="number">p99</th>
          <th>Traces</th>
        </tr>
      </thead>
      <tbody>
        {graph.links.map((link) => (
          <tr key={`${link.parent}\n${link.child}`}>
            <td>{link.parent}</td>
            <td>{link.child}</td>
            <td className="number">{number(link.calls)}</td>
            <td className="number">{rate(link.calls, graph.seconds)}</td>
            <td className={link.errors > 0 ? 'number bad' : 'number'}>{link.errors > 0 ? `${number(link.errors)} (${percent(link.errors, link.calls)})` : '0'}</td>
            <td className="number">{milliseconds(link.p50)}</td>
            <td className="number">{milliseconds(link.p90)}</td>
            <td className="number">{milliseconds(link.p99)}</td>
            <td>
              <a href={linkTo('/traces', { service: link.child, with: link.parent })} aria-label={`Traces of ${link.parent} calling ${link.child}`}>
                all
              </a>
              {link.errors > 0 && (
                <>
                  {' · '}
                  <a href={linkTo('/traces', { service: link.child, with: link.parent, errors: 'true' })} aria-label={`Failed traces of ${link.parent} calling ${link.child}`}>
                    failed
                  </a>
                </>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
