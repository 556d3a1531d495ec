export interface LogLine {
  number: number
  source: string
  receivedMs: number
  text: string
}
