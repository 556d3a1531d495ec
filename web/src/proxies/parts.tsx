/** How many of how many are well; red as soon as it is not all of them. */
export function Healthy({ healthy, total }: { healthy: number | undefined; total: number | undefined }) {
  if (healthy === undefined || total === undefined) return <>–</>
  return <span className={healthy < total ? 'bad' : undefined}>{`${healthy} of ${total}`}</span>
}

/** The release of a version text: REVISION/RELEASE/STATE/BUILD/TLS. */
export function shortVersion(version: string | undefined): string {
  if (!version) return '–'
  const [revision, release] = version.split('/')
  return release ? `${release} (${revision!.slice(0, 7)})` : version
}
