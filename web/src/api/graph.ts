import type { Quantiles } from './quantiles'

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

/** Who calls whom, as the traces of some time tell. */
export interface Graph {
  /** How long that time is. */
  seconds: number
  traces: number
  /** There are more traces than were looked at. */
  partial: boolean
  nodes: GraphNode[]
  links: GraphLink[]
}
