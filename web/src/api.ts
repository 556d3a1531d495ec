import { useEffect, useState } from 'react'

/** What a row of the live table counts by. */
export type TrafficKind = 'listener' | 'route' | 'cluster'

export interface Quantiles {
  p50: number | null
  p90: number | null
  p99: number | null
}

/** Requests of one listener, route or cluster of one proxy; times in milliseconds. */
export interface TrafficRow extends Quantiles {
  proxy: string
  kind: TrafficKind
  name: string
  total: number
  perSecond: number
  errorsPerSecond: number
  active: number | null
  rates: number[]
}

export interface TraceSummary {
  traceId: string
  service: string
  name: string
  startUs: number
  durationUs: number
  spans: number
  error: boolean
  status: string
  services: string[]
}

interface Endpoint {
  serviceName?: string
  ipv4?: string
  ipv6?: string
  port?: number
}

/** A span as Zipkin's API tells it. */
export interface Span {
  traceId: string
  id: string
  parentId?: string
  kind?: 'CLIENT' | 'SERVER' | 'PRODUCER' | 'CONSUMER'
  name?: string
  timestamp?: number
  duration?: number
  shared?: boolean
  localEndpoint?: Endpoint
  remoteEndpoint?: Endpoint
  tags?: Record<string, string>
  annotations?: { timestamp: number; value: string }[]
}

export interface GraphNode extends Quantiles {
  name: string
  requests: number
  errors: number
}

export interface GraphLink extends Quantiles {
  parent: string
  child: string
  calls: number
  errors: number
}

export interface Graph {
  nodes: GraphNode[]
  links: GraphLink[]
}

export interface LogLine {
  number: number
  source: string
  receivedMs: number
  text: string
}

export interface Status {
  traces: number
  spans: number
  spansReceived: number
  spansDropped: number
  logLines: number
  series: number
  datagramsLost: number
  malformed: number
  proxies: { address: string; name: string; error: string }[]
}

/** The answer to a query, asked anew in intervals; what was there stays while the next is under way. */
export function useQuery<T>(path: string, intervalMs = 0): { data?: T; error?: string } {
  const [state, setState] = useState<{ path: string; data?: T; error?: string }>({ path })
  useEffect(() => {
    const ending = new AbortController()
    let timer = 0
    const ask = async () => {
      try {
        const response = await fetch(path, { signal: ending.signal })
        if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
        setState({ path, data: (await response.json()) as T })
      } catch (error) {
        if (ending.signal.aborted) return
        setState((before) => ({ path, data: before.path === path ? before.data : undefined, error: String(error) }))
      }
      if (intervalMs > 0) timer = window.setTimeout(ask, intervalMs)
    }
    void ask()
    return () => {
      ending.abort()
      window.clearTimeout(timer)
    }
  }, [path, intervalMs])
  return state.path === path ? state : {}
}
