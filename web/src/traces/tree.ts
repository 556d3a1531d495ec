import type { Span } from '../api/traces'

/** A line of the waterfall: a span, or both halves of one that client and server share. */
export interface Line {
  span: Span
  depth: number
  /** Microseconds since 1970; where a span says nothing, its parent's. */
  start: number
  duration: number
}

/** The spans of a trace as a tree, parents before children, each group in the order of time. */
export function lines(spans: Span[]): Line[] {
  const byParent = new Map<string, Span[]>()
  const keys = new Set(spans.map(keyOf))
  for (const span of spans) {
    const parent = parentOf(span, keys)
    const siblings = byParent.get(parent)
    if (siblings) siblings.push(span)
    else byParent.set(parent, [span])
  }
  const result: Line[] = []
  const seen = new Set<Span>()
  const add = (parent: string, depth: number, start: number) => {
    const children = (byParent.get(parent) ?? []).filter((span) => !seen.has(span))
    for (const span of children.sort((a, b) => (a.timestamp ?? 0) - (b.timestamp ?? 0))) {
      seen.add(span)
      const began = span.timestamp ?? start
      result.push({ span, depth, start: began, duration: span.duration ?? 0 })
      add(keyOf(span), depth + 1, began)
    }
  }
  const first = Math.min(...spans.map((span) => span.timestamp ?? Infinity))
  add('', 0, Number.isFinite(first) ? first : 0)
  // Spans that are each other's parents have no beginning: they are shown all the same.
  for (const span of spans) if (!seen.has(span)) result.push({ span, depth: 0, start: span.timestamp ?? first, duration: span.duration ?? 0 })
  return result
}

const isServerHalf = (span: Span) => span.kind === 'SERVER' && span.shared === true

const keyOf = (span: Span) => (isServerHalf(span) ? `${span.id}/server` : span.id)

/** The key of the span above; '' at the top. A server's half lies below its client's, and what it calls lies below the server's. */
function parentOf(span: Span, keys: Set<string>): string {
  if (isServerHalf(span) && keys.has(span.id)) return span.id
  if (!span.parentId) return ''
  if (keys.has(`${span.parentId}/server`)) return `${span.parentId}/server`
  return keys.has(span.parentId) ? span.parentId : ''
}
