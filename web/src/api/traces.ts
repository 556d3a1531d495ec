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
