import { useState } from 'react'
import type { TrafficRow } from '../api/traffic'
import { milliseconds, number } from '../shell/format'
import { RateChart } from './RateChart'
import { Sparkline } from './Sparkline'

type Column = 'proxy' | 'name' | 'perSecond' | 'errorsPerSecond' | 'p50' | 'p90' | 'p99' | 'active' | 'total'

const columns: { column: Column; title: string; isText?: boolean }[] = [
  { column: 'proxy', title: 'Proxy', isText: true },
  { column: 'name', title: 'Name', isText: true },
  { column: 'perSecond', title: 'req/s' },
  { column: 'errorsPerSecond', title: '5xx/s' },
  { column: 'p50', title: 'p50' },
  { column: 'p90', title: 'p90' },
  { column: 'p99', title: 'p99' },
  { column: 'active', title: 'Active' },
  { column: 'total', title: 'Total' },
]

/** Rows of one kind, in the order of the column that was chosen; one that is opened shows its chart. */
export function TrafficTable({ title, rows }: { title: string; rows: TrafficRow[] }) {
  const [order, setOrder] = useState<{ column: Column; down: boolean }>()
  const [open, setOpen] = useState<string>()
  if (rows.length === 0) return null
  const sorted = order ? [...rows].sort((a, b) => compare(a[order.column], b[order.column]) * (order.down ? -1 : 1)) : rows
  return (
    <section>
      <h2>{title}</h2>
      <table className="traffic" aria-label={title}>
        <thead>
          <tr>
            {columns.map(({ column, title: heading, isText }) => (
              <th key={column} className={isText ? undefined : 'number'} aria-sort={order?.column === column ? (order.down ? 'descending' : 'ascending') : undefined}>
                <button type="button" onClick={() => setOrder({ column, down: order?.column === column ? !order.down : !isText })}>
                  {heading}
                </button>
              </th>
            ))}
            <th>Last minutes</th>
          </tr>
        </thead>
        {sorted.map((row) => {
          const key = `${row.proxy}\n${row.name}`
          return (
            <tbody key={key}>
              <tr>
                <td>{row.proxy}</td>
                <td>
                  <button type="button" className="link" aria-expanded={open === key} onClick={() => setOpen(open === key ? undefined : key)}>
                    {row.name}
                  </button>
                </td>
                <td className="number">{number(row.perSecond)}</td>
                <td className={row.errorsPerSecond > 0 ? 'number bad' : 'number'}>{number(row.errorsPerSecond)}</td>
                <td className="number">{milliseconds(row.p50)}</td>
                <td className="number">{milliseconds(row.p90)}</td>
                <td className="number">{milliseconds(row.p99)}</td>
                <td className="number">{number(row.active)}</td>
                <td className="number">{number(row.total)}</td>
                <td>
                  <Sparkline values={row.rates} />
                </td>
              </tr>
              {open === key && (
                <tr>
                  <td colSpan={columns.length + 1}>
                    <RateChart rates={row.rates} />
                  </td>
                </tr>
              )}
            </tbody>
          )
        })}
      </table>
    </section>
  )
}

function compare(a: string | number | null, b: string | number | null) {
  if (typeof a === 'string' && typeof b === 'string') return a.localeCompare(b)
  return Number(a ?? -1) - Number(b ?? -1)
}
