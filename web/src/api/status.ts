/** What is kept, what went, and which proxies cannot be asked. */
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
