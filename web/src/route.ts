import { useSyncExternalStore } from 'react'

/** The place in the page: what stands behind the `#`, as a path and parameters. Links are ordinary links. */
export interface Place {
  path: string
  parameters: URLSearchParams
}

function subscribe(changed: () => void) {
  window.addEventListener('hashchange', changed)
  return () => window.removeEventListener('hashchange', changed)
}

export function usePlace(): Place {
  const hash = useSyncExternalStore(subscribe, () => window.location.hash)
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2)
  return { path: path || '/live', parameters: new URLSearchParams(query) }
}

/** Changes parameters of the place without adding to the history: what is typed into a field. */
export function replaceParameters(path: string, changes: Record<string, string>) {
  const [, query = ''] = window.location.hash.split('?', 2)
  const parameters = new URLSearchParams(query)
  for (const [name, value] of Object.entries(changes)) {
    if (value) parameters.set(name, value)
    else parameters.delete(name)
  }
  const text = parameters.toString()
  window.location.replace(`#${path}${text ? `?${text}` : ''}`)
}
