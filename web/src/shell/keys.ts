import { useEffect } from 'react'
import { views } from './views'

const isTyping = (target: EventTarget | null) => target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement

/** Numbers choose a view, / goes to the search field. */
export function useKeys() {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      const view = views[Number(event.key) - 1]
      if (view) window.location.hash = view.path
      if (event.key !== '/') return
      event.preventDefault()
      document.querySelector<HTMLInputElement>('input[type=search]')?.focus()
    }
    window.addEventListener('keydown', pressed)
    return () => window.removeEventListener('keydown', pressed)
  }, [])
}
