/** How a proxy became known: an option, a file in the folder of addresses, or that it runs on this machine. */
export type ProxyOrigin = 'option' | 'file' | 'machine'

/** A proxy in short. What it says of itself is missing until it could be asked once. */
export interface Proxy {
  address: string
  name: string
  origin: ProxyOrigin
  /** Why it could not be asked last; empty when it could. */
  error: string
  node?: string
  cluster?: string
  zone?: string
  version?: string
  state?: string
  uptimeSeconds?: number
  restartEpoch?: number
  concurrency?: number
  configPath?: string
  clusters?: number
  endpoints?: number
  healthy?: number
  listeners?: number
}

export interface ProxyList {
  /** Proxies that are not watched because there are too many. */
  refused: number
  proxies: Proxy[]
}

export interface EndpointHealth {
  address: string
  hostname: string
  /** "healthy", or what is wrong. */
  health: string
  requests: number
  errors: number
  active: number
  connections: number
  weight: number
  locality: string
  priority: number
}

export interface ClusterHealth {
  name: string
  dynamic: boolean
  edsServiceName: string
  total: number
  healthy: number
  /** As many as are kept. */
  endpoints: EndpointHealth[]
}

export interface ProxyDetails extends Proxy {
  clusterList: ClusterHealth[]
  listenerList: { name: string; addresses: string[] }[]
}
