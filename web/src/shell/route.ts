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
  return placeOf(useSyncExternalStore(subscribe, () => window.location.hash))
}

/** Changes parameters of the place without adding to the history: what is typed into a field. */
export function replaceParameters(changes: Record<string, string>) {
  const { path, parameters } = placeOf(window.location.hash)
  for (const [name, value] of Object.entries(changes)) {
    if (value) parameters.set(name, value)
    else parameters.delete(name)
  }
  window.location.replace(linkTo(path, Object.fromEntries(parameters)))
}

/** A link to a place. */
export function linkTo(path: string, parameters: Record<string, string> = {}): string {
  const text = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value)).toString()
  return `#${path}${text ? `?${text}` : ''}`
}

function placeOf(hash: string): Place {
  const text = hash.replace(/^#/, '')
  const question = text.indexOf('?')
  const path = question < 0 ? text : text.slice(0, question)
  return { path: path || '/live', parameters: new URLSearchParams(question < 0 ? '' : text.slice(question + 1)) }
}
