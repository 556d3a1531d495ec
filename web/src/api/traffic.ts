import type { Quantiles } from './quantiles'

/** What a row of the live table counts by. */
export type TrafficKind = 'listener' | 'route' | 'cluster'

/** Requests of one listener, route or cluster of one proxy. */
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
