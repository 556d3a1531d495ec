import { useQuery } from '../api/query'
import { Choice, Filters, MillisecondsField, SearchField, Switch } from '../shell/Filters'

/** As it stands in the address of the page. */
export interface TraceFilter {
  service: string
  /** Another service that has a part in the trace. */
  with: string
  operation: string
  tags: string
  /** Durations of whole traces, milliseconds. */
  least: string
  most: string
  errors: string
  sort: string
}

export function TraceFilters({ filter }: { filter: TraceFilter }) {
  const { data: services = [] } = useQuery<string[]>('/api/v2/services', 5000)
  return (
    <Filters>
      <Choice label="Service" parameter="service" value={filter.service} options={services} />
      <Choice label="with" parameter="with" value={filter.with} options={services} all="any" />
      {filter.service && <OperationChoice service={filter.service} value={filter.operation} />}
      <MillisecondsField label="At least" parameter="min" value={filter.least} />
      <MillisecondsField label="At most" parameter="max" value={filter.most} />
      <SearchField label="Tags" parameter="q" value={filter.tags} placeholder="http.status_code>=500 and error" list="tags" />
      <TagSuggestions typed={filter.tags} />
      <Switch label="only failed" parameter="errors" value={filter.errors} />
      <Choice label="Order" parameter="sort" value={filter.sort} options={[{ value: 'duration', text: 'longest first' }]} all="newest first" />
    </Filters>
  )
}

function OperationChoice({ service, value }: { service: string; value: string }) {
  const { data: operations = [] } = useQuery<string[]>(`/api/v2/spans?serviceName=${encodeURIComponent(service)}`, 5000)
  return <Choice label="Operation" parameter="operation" value={value} options={operations} />
}

/** Tags that have been seen, and the values of the one that is being typed. */
function TagSuggestions({ typed }: { typed: string }) {
  const { data: keys = [] } = useQuery<string[]>('/api/v2/autocompleteKeys', 10_000)
  const [, before = '', key = ''] = /^(.* and )?([^=!~<> ]+)=[^=]*$/.exec(typed) ?? []
  const { data: values = [] } = useQuery<string[]>(key ? `/api/v2/autocompleteValues?key=${encodeURIComponent(key)}` : '/api/v2/autocompleteKeys')
  const options = key ? values.map((value) => `${before}${key}=${value}`) : keys.map((one) => `${/^.* and /.exec(typed)?.[0] ?? ''}${one}=`)
  return (
    <datalist id="tags">
      {options.map((option) => (
        <option key={option} value={option} />
      ))}
    </datalist>
  )
}
