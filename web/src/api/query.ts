import { useEffect, useState } from 'react'

export interface Answer<T> {
  data?: T
  error?: string
}

/**
 * The answer to a query, asked anew in intervals; what was there stays while the next is under way. Where a search changes as it is typed, what was found before
 * stays as well (`keeps`).
 */
export function useQuery<T>(path: string, intervalMs = 0, keeps = false): Answer<T> {
  const [state, setState] = useState<Answer<T> & { path: string }>({ path })
  useEffect(() => {
    const ending = new AbortController()
    let timer = 0
    const ask = async () => {
      try {
        const response = await fetch(path, { signal: ending.signal })
        if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
        setState({ path, data: (await response.json()) as T })
      } catch (error) {
        if (ending.signal.aborted) return
        setState((before) => ({ path, data: before.path === path ? before.data : undefined, error: String(error) }))
      }
      if (intervalMs > 0) timer = window.setTimeout(ask, intervalMs)
    }
    void ask()
    return () => {
      ending.abort()
      window.clearTimeout(timer)
    }
  }, [path, intervalMs])
  if (state.path === path) return state
  return keeps ? { data: state.data } : {}
}

/** A path with those of its parameters that say something. */
export function withParameters(path: string, parameters: Record<string, string | number | undefined>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== '')
  const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
  return query ? `${path}?${query}` : path
}
