import type { Graph, GraphLink, GraphNode } from '../api/graph'

export interface PlacedNode extends GraphNode {
  x: number
  y: number
}

export interface PlacedLink extends GraphLink {
  from: PlacedNode
  to: PlacedNode
}

export const nodeWidth = 190
export const nodeHeight = 54
/** Room for the numbers of an arrow. */
const columnGap = 230
const rowGap = 40

/** Services in columns, callers to the left of those they call; within a column in the order that crosses the fewest links. */
export function layout(graph: Graph): { nodes: PlacedNode[]; links: PlacedLink[]; width: number; height: number } {
  const depths = depthsOf(graph)
  const columns: PlacedNode[][] = []
  for (const node of graph.nodes) {
    const depth = depths.get(node.name) ?? 0
    ;(columns[depth] ??= []).push({ ...node, x: depth * (nodeWidth + columnGap), y: 0 })
  }
  const byName = new Map(columns.flat().map((node) => [node.name, node]))
  for (const column of columns) {
    column.sort((a, b) => meanOfCallers(a, graph.links, byName) - meanOfCallers(b, graph.links, byName) || a.name.localeCompare(b.name))
    column.forEach((node, index) => (node.y = index * (nodeHeight + rowGap)))
  }
  const tallest = Math.max(0, ...columns.map((column) => column.length))
  for (const column of columns) for (const node of column) node.y += ((tallest - column.length) * (nodeHeight + rowGap)) / 2
  const links = graph.links.flatMap((link) => {
    const [from, to] = [byName.get(link.parent), byName.get(link.child)]
    return from && to ? [{ ...link, from, to }] : []
  })
  return { nodes: [...byName.values()], links, width: columns.length * (nodeWidth + columnGap) - columnGap, height: Math.max(nodeHeight, tallest * (nodeHeight + rowGap) - rowGap) }
}

/** The longest way from a service that nobody calls; services that call in a circle stay where they were reached first. */
function depthsOf(graph: Graph): Map<string, number> {
  const called = new Set(graph.links.filter((link) => link.parent !== link.child).map((link) => link.child))
  const depths = new Map<string, number>()
  const visit = (name: string, depth: number, way: Set<string>) => {
    if (way.has(name) || (depths.get(name) ?? -1) >= depth) return
    depths.set(name, depth)
    const further = new Set(way).add(name)
    for (const link of graph.links) if (link.parent === name) visit(link.child, depth + 1, further)
  }
  for (const node of graph.nodes) if (!called.has(node.name)) visit(node.name, 0, new Set())
  for (const node of graph.nodes) if (!depths.has(node.name)) visit(node.name, 0, new Set())
  return compact(depths)
}

/** Without empty columns. */
function compact(depths: Map<string, number>): Map<string, number> {
  const used = [...new Set(depths.values())].sort((a, b) => a - b)
  return new Map([...depths].map(([name, depth]) => [name, used.indexOf(depth)]))
}

function meanOfCallers(node: PlacedNode, links: GraphLink[], byName: Map<string, PlacedNode>): number {
  const callers = links.filter((link) => link.child === node.name && link.parent !== node.name).map((link) => byName.get(link.parent)?.y ?? 0)
  return callers.length === 0 ? 0 : callers.reduce((sum, y) => sum + y, 0) / callers.length
}
