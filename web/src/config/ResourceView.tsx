import type { ConfigText } from '../api/config'
import { useQuery, withParameters } from '../api/query'
import { linkTo, usePlace } from '../shell/route'
import './config.css'
import { Origin } from './Origin'
import { Yaml } from './Yaml'

/** One resource whole, as YAML. */
export function ResourceView() {
  const { parameters } = usePlace()
  const [address, section, name, search] = ['address', 'section', 'name', 'q'].map((one) => parameters.get(one) ?? '') as [string, string, string, string]
  const { data, error } = useQuery<ConfigText>(withParameters('/api/observe/config/resource', { address, section, name }), 2000)
  if (!data) return <p className={error ? 'bad' : 'empty'}>{error ?? '…'}</p>
  if (data.reading) return <p className="empty">The configuration is being read.</p>
  return (
    <section className="resource">
      <h2>
        <span className="kind">{data.kind}</span> {data.name} <small>in {data.proxy}</small>
      </h2>
      {error && <p className="bad">{error}</p>}
      <Origin resource={data} />
      <p className="summary">
        <button type="button" className="link" onClick={() => void navigator.clipboard.writeText(data.yaml)}>
          Copy
        </button>{' '}
        · <a href={linkTo('/config', { q: search })}>back to the search</a> · <a href={linkTo(`/proxies/${encodeURIComponent(data.address)}`)}>the proxy</a>
      </p>
      <Yaml text={data.yaml} line={Number(parameters.get('line') ?? 0)} />
    </section>
  )
}
