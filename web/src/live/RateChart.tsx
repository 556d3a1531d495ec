import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'

const height = 160

/** Requests per second of one row, over the latest intervals. */
export function RateChart({ rates }: { rates: number[] }) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const data: uPlot.AlignedData = [rates.map((_, index) => index - rates.length + 1), rates]

  useEffect(() => {
    const element = box.current!
    const colour = getComputedStyle(element)
    const axis = { stroke: colour.color, grid: { stroke: colour.borderTopColor, width: 1 }, ticks: { show: false } }
    plot.current = new uPlot(
      {
        width: element.clientWidth,
        height,
        legend: { show: false },
        scales: { x: { time: false }, y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] } },
        axes: [{ ...axis, values: (_, steps) => steps.map((step) => (step === 0 ? 'now' : String(step))) }, axis],
        series: [{}, { label: 'req/s', stroke: 'rgb(59 130 246)', fill: 'rgb(59 130 246 / 15%)', width: 2 }],
      },
      data,
      element,
    )
    const sized = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height }))
    sized.observe(element)
    return () => {
      sized.disconnect()
      plot.current?.destroy()
    }
  }, []) // made once: data is set below

  useEffect(() => plot.current?.setData(data))

  return <div className="chart" ref={box} role="img" aria-label="Requests per second" />
}
