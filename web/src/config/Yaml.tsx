import { memo, useEffect, useRef, useState } from 'react'

/** Lines shown at first: more take a browser seconds. */
const shown = 3000

/** YAML with line numbers, its keys told from its values; one line may be marked, and is brought into sight. */
export const Yaml = memo(function Yaml({ text, line }: { text: string; line: number }) {
  const [isWhole, setWhole] = useState(false)
  const marked = useRef<HTMLLIElement>(null)
  const lines = text.replace(/\n$/, '').split('\n')
  const last = isWhole ? lines.length : Math.max(shown, line + shown / 2)
  useEffect(() => marked.current?.scrollIntoView({ block: 'center' }), [line])
  return (
    <>
      <ol className="yaml" aria-label="YAML" tabIndex={0}>
        {lines.slice(0, last).map((content, index) => (
          <li key={index} ref={index + 1 === line ? marked : undefined} aria-current={index + 1 === line ? 'true' : undefined}>
            <YamlLine content={content} />
          </li>
        ))}
      </ol>
      {last < lines.length && (
        <button type="button" onClick={() => setWhole(true)}>
          Show {lines.length - last} more lines
        </button>
      )}
    </>
  )
})

function YamlLine({ content }: { content: string }) {
  const parts = /^(\s*(?:- )*)("[^"]*"|[\w@./-]+)(:)(\s.*|)$/.exec(content)
  if (!parts) return <code>{content}</code>
  return (
    <code>
      {parts[1]}
      <b>{parts[2]}</b>
      {parts[3]}
      {parts[4]}
    </code>
  )
}
