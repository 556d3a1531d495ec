/** Times of requests in milliseconds; null where there were none. */
export interface Quantiles {
  p50: number | null
  p90: number | null
  p99: number | null
}
