import type { Line } from './tree'

/** The same step of two traces; of one that only one of them has, the other is absent. */
export interface Step {
  key: string
  depth: number
  service: string
  name: string
  kind: string
  a?: Line
  b?: Line
}

/**
 * The steps of two traces side by side. Two spans are the same step when services, names and kinds from the first span down to them are the same; the first, second ...
 * of several such spans are matched in their order. What only the second trace has follows what it follows there.
 */
export function compare(a: Line[], b: Line[]): Step[] {
  const steps = keyed(a).map(([key, line]): Step => ({ ...stepOf(key, line), a: line }))
  const byKey = new Map(steps.map((step) => [step.key, step]))
  let at = -1
  for (const [key, line] of keyed(b)) {
    const same = byKey.get(key)
    if (same) {
      same.b = line
      at = steps.indexOf(same)
    } else {
      steps.splice(++at, 0, { ...stepOf(key, line), b: line })
    }
  }
  return steps
}

function stepOf(key: string, { span, depth }: Line): Step {
  return { key, depth, service: span.localEndpoint?.serviceName ?? '', name: span.name ?? '', kind: span.kind?.toLowerCase() ?? '' }
}

/** Lines with what tells them from the others of their trace. */
function keyed(lines: Line[]): [string, Line][] {
  const path: string[] = []
  const counts = new Map<string, number>()
  return lines.map((line) => {
    const { span, depth } = line
    path.length = depth
    const alone = JSON.stringify([...path, [span.localEndpoint?.serviceName, span.name, span.kind]])
    const count = (counts.get(alone) ?? 0) + 1
    counts.set(alone, count)
    path.push(`${span.localEndpoint?.serviceName} ${span.name} ${span.kind} ${count}`)
    return [`${alone} ${count}`, line]
  })
}

/** How much longer the second took, microseconds; undefined where there is no second. */
export const difference = (step: Step) => (step.a && step.b ? step.b.duration - step.a.duration : undefined)
