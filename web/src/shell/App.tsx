import { useEffect, useRef } from 'react'
import { useKeys } from './keys'
import { usePlace } from './route'
import { StatusLine } from './StatusLine'
import { viewOf, views } from './views'

/** The frame of the page: where one is, how it goes, and the view. */
export function App() {
  const { path } = usePlace()
  const { view, below } = viewOf(path)
  const main = useRef<HTMLElement>(null)
  useKeys()
  useEffect(() => {
    document.title = `${view.title} · Weft observe`
  }, [view])
  return (
    <>
      <button type="button" className="skip" onClick={() => main.current?.focus()}>
        Skip the navigation
      </button>
      <header>
        <a className="brand" href="#/live">
          Weft <span>observe</span>
        </a>
        <nav aria-label="Views">
          {views.map((one, index) => (
            <a key={one.path} href={`#${one.path}`} aria-current={one === view ? 'page' : undefined} aria-keyshortcuts={String(index + 1)} title={`Key ${index + 1}`}>
              {one.title}
            </a>
          ))}
        </nav>
        <StatusLine />
      </header>
      <main ref={main} tabIndex={-1}>
        <h1 className="unseen">{view.title}</h1>
        {view.render(below)}
      </main>
    </>
  )
}
