/** Milliseconds as people read them. */
export function milliseconds(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–'
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`
  if (value >= 1000) return `${(value / 1000).toFixed(2)} s`
  if (value >= 10) return `${value.toFixed(0)} ms`
  if (value >= 1) return `${value.toFixed(1)} ms`
  return value > 0 ? `${(value * 1000).toFixed(0)} µs` : '0 ms'
}

export const microseconds = (value: number | undefined) => milliseconds(value === undefined ? undefined : value / 1000)

/** A rate or count with no more digits than matter. */
export function number(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–'
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)} M`
  if (value >= 1e4) return `${(value / 1e3).toFixed(1)} k`
  return Number.isInteger(value) ? String(value) : value.toFixed(value >= 10 ? 0 : 1)
}

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })

export const timeOfDay = (ms: number) => clock.format(ms)

/** One of a few colours, always the same for a service. */
export function hue(name: string): number {
  let hash = 0
  for (const letter of name) hash = (hash * 31 + letter.charCodeAt(0)) >>> 0
  return (hash * 137) % 360
}

/** How often something happens, in a unit in which the number is not all zeros. */
export function rate(count: number, seconds: number): string {
  if (seconds <= 0 || count === 0) return '0/s'
  const perSecond = count / seconds
  if (perSecond >= 0.1) return `${number(perSecond)}/s`
  return perSecond * 60 >= 0.1 ? `${number(perSecond * 60)}/min` : `${number(perSecond * 3600)}/h`
}

/** A share of a whole, in percent with no more digits than matter. */
export function percent(part: number, whole: number): string {
  const share = whole > 0 ? (100 * part) / whole : 0
  return `${share === 0 || share >= 10 ? share.toFixed(0) : share.toFixed(1)} %`
}

/** A time that has passed, as its two largest units. */
export function age(seconds: number | undefined): string {
  if (seconds === undefined) return '–'
  const units: [string, number][] = [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]]
  const first = units.findIndex(([, size]) => seconds >= size)
  if (first < 0) return '0 s'
  const parts = units.slice(first, first + 2).map(([unit, size], index) => [Math.floor((index === 0 ? seconds : seconds % units[first]![1]) / size), unit] as const)
  return parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`).join(' ')
}
