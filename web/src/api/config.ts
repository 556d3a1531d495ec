/** A resource of a proxy's configuration, without its text. */
export interface ConfigResource {
  /** Of the proxy. */
  address: string
  proxy: string
  kind: string
  name: string
  /** Where in the proxy's dump it stands. */
  section: string
  version: string
  updatedAt: string
  /** Where the proxy has it from. */
  source: string
  /** Why the proxy refused it, or a newer one. */
  error: string
}

export interface ConfigLine {
  number: number
  text: string
  /** The fields around it. */
  path: string
}

export interface ConfigFound extends ConfigResource {
  lines: ConfigLine[]
}

export interface ConfigSearch {
  proxies: { address: string; name: string; read: boolean; error: string; left: number }[]
  kinds: string[]
  /** How many were found, told or not. */
  total: number
  resources: ConfigFound[]
}

/** A resource whole; nothing of it while the proxy's configuration is being read. */
export type ConfigText = { reading: true } | (ConfigResource & { reading: false; yaml: string })
