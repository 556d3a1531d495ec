import { useState } from 'react'
import type { Graph } from '../api/graph'
import { hue, milliseconds, percent, rate } from '../shell/format'
import { linkTo } from '../shell/route'
import { layout, nodeHeight, nodeWidth, type PlacedLink, type PlacedNode } from './layout'

const margin = 24

/** A wider drawing is made smaller where there is no room, but not below this, pixels. */
const minReadableWidth = 800

/** From this share of failing calls on a service or an arrow is red; below it one still reads how many there are. */
const manyErrors = 0.01

/** About, of the numbers at arrows. */
const letterWidth = 6.4

const keyOf = (link: PlacedLink) => `${link.parent}\n${link.child}`

const fails = ({ errors }: { errors: number }, calls: number) => errors > 0 && errors >= calls * manyErrors

/** Services as boxes, calls as arrows; pointing at a service leaves only what has to do with it in full ink. */
export function GraphDrawing({ graph }: { graph: Graph }) {
  const [pointedAt, pointAt] = useState<string>()
  const { nodes, links, width, height } = layout(graph)
  const isNear = (name: string) => !pointedAt || name === pointedAt || links.some((link) => (link.parent === pointedAt && link.child === name) || (link.child === pointedAt && link.parent === name))
  const markOf = (link: PlacedLink) => `${fails(link, link.calls) ? ' failed' : ''}${pointedAt && link.parent !== pointedAt && link.child !== pointedAt ? ' faint' : ''}`
  const whole = width + 2 * margin
  return (
    <div className="graph">
      <svg viewBox={`${-margin} ${-margin} ${whole} ${height + 2 * margin}`} style={{ width: whole, minWidth: Math.min(whole, minReadableWidth) }} role="group" aria-label="Service graph">
        <defs>
          <marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto" markerUnits="userSpaceOnUse">
            <path d="M0 0 L8 4 L0 8 z" />
          </marker>
        </defs>
        {links.map((link) => (
          <path key={keyOf(link)} className={`arrow${markOf(link)}`} d={routeOf(link).path} markerEnd="url(#arrow)" strokeWidth={Math.min(5, 1.2 + Math.log10(link.calls + 1))} />
        ))}
        {links.map((link) => (
          <CallNumbers key={keyOf(link)} link={link} seconds={graph.seconds} mark={markOf(link)} />
        ))}
        {nodes.map((node) => (
          <ServiceBox key={node.name} node={node} seconds={graph.seconds} isCalled={links.some((link) => link.child === node.name)} isFaint={!isNear(node.name)} pointAt={pointAt} />
        ))}
      </svg>
    </div>
  )
}

interface BoxProps {
  node: PlacedNode
  seconds: number
  isCalled: boolean
  isFaint: boolean
  pointAt: (name: string | undefined) => void
}

function ServiceBox({ node, seconds, isCalled, isFaint, pointAt }: BoxProps) {
  const failing = fails(node, node.requests)
  const numbers = numbersOf(node, seconds, isCalled)
  return (
    <a
      href={linkTo('/traces', { service: node.name })}
      aria-label={`Traces of ${node.name}: ${numbers}${node.errors > 0 ? ' errors' : ''}`}
      onPointerEnter={() => pointAt(node.name)}
      onPointerLeave={() => pointAt(undefined)}
      onFocus={() => pointAt(node.name)}
      onBlur={() => pointAt(undefined)}
    >
      <g className={`node${failing ? ' failed' : ''}${isFaint ? ' faint' : ''}`} transform={`translate(${node.x} ${node.y})`} style={{ '--hue': hue(node.name) } as React.CSSProperties}>
        <rect width={nodeWidth} height={nodeHeight} rx="8" />
        <text x="12" y="23" className="name">
          {node.name.length > 22 ? `${node.name.slice(0, 21)}…` : node.name}
        </text>
        <text x="12" y="42" className={node.errors > 0 ? 'bad' : undefined}>
          {numbers}
        </text>
        <title>{node.name}</title>
      </g>
    </a>
  )
}

/** What a service says of its requests; one that says nothing is told by whether others say that they call it. */
function numbersOf(node: PlacedNode, seconds: number, isCalled: boolean): string {
  if (node.requests === 0) return isCalled ? 'sends no spans' : 'only calls others'
  const errors = node.errors > 0 ? ` · ${percent(node.errors, node.requests)}` : ''
  return `${rate(node.requests, seconds)} · p90 ${milliseconds(node.p90)}${errors}`
}

/** Behind its numbers an arrow is not seen. */
function CallNumbers({ link, seconds, mark }: { link: PlacedLink; seconds: number; mark: string }) {
  const { x, y } = routeOf(link)
  const errors = link.errors > 0 ? ` · ${percent(link.errors, link.calls)} errors` : ''
  const times = `p50 ${milliseconds(link.p50)} · p99 ${milliseconds(link.p99)}`
  const width = 10 + letterWidth * Math.max(times.length, rate(link.calls, seconds).length + errors.length)
  return (
    <g className={`call${mark}`} transform={`translate(${x} ${y})`}>
      <rect x={-width / 2} y="-17" width={width} height="33" rx="4" />
      <text y="-4">
        {rate(link.calls, seconds)}
        {errors && <tspan className="bad">{errors}</tspan>}
      </text>
      <text y="11">{times}</text>
      <title>{`${link.parent} → ${link.child}: ${link.calls} calls, ${link.errors} errors, ${times}, p90 ${milliseconds(link.p90)}`}</title>
    </g>
  )
}

/** The way of an arrow and the middle of it; one that goes back passes above the boxes, one to itself beside its box. */
function routeOf({ from, to }: PlacedLink): { path: string; x: number; y: number } {
  if (from === to) {
    const [x, y] = [from.x + nodeWidth, from.y + nodeHeight / 2]
    return { path: `M${x} ${y - 12} C${x + 50} ${y - 30} ${x + 50} ${y + 30} ${x} ${y + 12}`, x: x + 60, y: y - 20 }
  }
  const [x1, y1, x2, y2] = [from.x + nodeWidth, from.y + nodeHeight / 2, to.x, to.y + nodeHeight / 2]
  if (x2 > x1) {
    const bend = (x2 - x1) / 2
    return { path: `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`, x: (x1 + x2) / 2, y: (y1 + y2) / 2 }
  }
  const [a, b, top] = [from.x + nodeWidth / 2, to.x + nodeWidth / 2, Math.min(from.y, to.y) - 40]
  return { path: `M${a} ${from.y} C${a} ${top} ${b} ${top} ${b} ${to.y}`, x: (a + b) / 2, y: top + 14 }
}
