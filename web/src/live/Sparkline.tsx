const width = 120
const height = 24

/** A line of what happened lately, beside its numbers. */
export function Sparkline({ values }: { values: number[] }) {
  if (values.length < 2) return null
  const most = Math.max(1, ...values)
  const step = width / 59
  const points = values.map((value, index) => `${(width - (values.length - 1 - index) * step).toFixed(1)},${(height - 1 - (value / most) * (height - 2)).toFixed(1)}`)
  return (
    <svg className="sparkline" width={width} height={height} aria-hidden="true">
      <polyline points={points.join(' ')} />
    </svg>
  )
}
