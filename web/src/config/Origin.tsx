import type { ConfigResource } from '../api/config'

/** Where a resource came from, and when. */
export function Origin({ resource }: { resource: ConfigResource }) {
  const updated = resource.updatedAt && new Date(resource.updatedAt)
  return (
    <>
      <p className="summary">
        {[resource.source && `from ${resource.source}`, resource.version && `version ${resource.version}`, updated && `since ${updated.toLocaleString()}`].filter(Boolean).join(' · ')}
        {' · '}
        <code>{resource.section}</code>
      </p>
      {resource.error && <p className="bad">{resource.section.endsWith('error_state') ? `refused: ${resource.error}` : `a newer one was refused: ${resource.error}`}</p>}
    </>
  )
}
