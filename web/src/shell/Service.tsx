import { hue } from './format'

/** A service in its colour. */
export function Service({ name }: { name: string }) {
  return (
    <span className="service" style={{ '--hue': hue(name) } as React.CSSProperties}>
      {name}
    </span>
  )
}
