import { type Graph, useQuery } from '../api'
import { hue, milliseconds, number } from '../format'
import { layout, nodeHeight, nodeWidth, type PlacedLink, type PlacedNode } from './layout'

const margin = 24

/** A wider drawing is made smaller where there is no room, but not below this, pixels. */
const minReadableWidth = 480

/** Who calls whom, worked out of the latest traces: as a drawing and as a table. */
export function GraphView() {
  const { data, error } = useQuery<Graph>('/api/observe/graph', 5000)
  if (error) return <p className="bad">{error}</p>
  if (!data) return null
  if (data.nodes.length === 0) return <p className="empty">No service has sent a trace yet.</p>
  const { nodes, links, width, height } = layout(data)
  return (
    <>
      <div className="graph">
        <svg viewBox={`${-margin} ${-margin} ${width + 2 * margin} ${height + 2 * margin}`} style={{ width: width + 2 * margin, minWidth: Math.min(width + 2 * margin, minReadableWidth) }} role="img" aria-label="Service graph">
          <defs>
            <marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">
              <path d="M0 0 L8 4 L0 8 z" />
            </marker>
          </defs>
          {links.map((link) => (
            <LinkLine key={`${link.parent}\n${link.child}`} link={link} />
          ))}
          {nodes.map((node) => (
            <NodeBox key={node.name} node={node} />
          ))}
        </svg>
      </div>
      <table aria-label="Calls">
        <thead>
          <tr>
            <th>From</th>
            <th>To</th>
            <th className="number">Calls</th>
            <th className="number">Errors</th>
            <th className="number">p50</th>
            <th className="number">p90</th>
            <th className="number">p99</th>
          </tr>
        </thead>
        <tbody>
          {data.links.map((link) => (
            <tr key={`${link.parent}\n${link.child}`}>
              <td>{link.parent}</td>
              <td>{link.child}</td>
              <td className="number">{number(link.calls)}</td>
              <td className={link.errors > 0 ? 'number bad' : 'number'}>{number(link.errors)}</td>
              <td className="number">{milliseconds(link.p50)}</td>
              <td className="number">{milliseconds(link.p90)}</td>
              <td className="number">{milliseconds(link.p99)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}

function NodeBox({ node }: { node: PlacedNode }) {
  return (
    <a href={`#/traces?service=${encodeURIComponent(node.name)}`} aria-label={`Traces of ${node.name}`}>
      <g className="node" transform={`translate(${node.x} ${node.y})`} style={{ '--hue': hue(node.name) } as React.CSSProperties}>
        <rect width={nodeWidth} height={nodeHeight} rx="8" />
        <text x="12" y="23" className="name">
          {node.name.length > 20 ? `${node.name.slice(0, 19)}…` : node.name}
        </text>
        <text x="12" y="42" className={node.errors > 0 ? 'bad' : undefined}>
          {node.requests > 0 ? `${number(node.requests)} req · p90 ${milliseconds(node.p90)}` : 'only calls others'}
        </text>
      </g>
    </a>
  )
}

function LinkLine({ link }: { link: PlacedLink }) {
  const [x1, y1] = [link.from.x + nodeWidth, link.from.y + nodeHeight / 2]
  const [x2, y2] = [link.to.x, link.to.y + nodeHeight / 2]
  const isBack = x2 <= x1 - nodeWidth
  const bend = isBack ? 60 : (x2 - x1) / 2
  const path = isBack
    ? `M${link.from.x + nodeWidth / 2} ${link.from.y} C${link.from.x + nodeWidth / 2} ${link.from.y - bend} ${link.to.x + nodeWidth / 2} ${link.to.y - bend} ${link.to.x + nodeWidth / 2} ${link.to.y}`
    : `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`
  return (
    <g className={link.errors > 0 ? 'call failed' : 'call'}>
      <path d={path} markerEnd="url(#arrow)" strokeWidth={Math.min(5, 1.2 + Math.log10(link.calls + 1))} />
      <text x={(x1 + x2) / 2} y={(y1 + y2) / 2 - 6}>
        {number(link.calls)}
      </text>
      <title>
        {`${link.parent} → ${link.child}: ${link.calls} calls, ${link.errors} errors, p50 ${milliseconds(link.p50)}, p99 ${milliseconds(link.p99)}`}
      </title>
    </g>
  )
}
