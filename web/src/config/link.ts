import type { ConfigResource } from '../api/config'
import { linkTo } from '../shell/route'

/** Where a resource is shown, at a line of it. */
export function resourceLink(resource: ConfigResource, search: string, line?: number): string {
  return linkTo('/config/resource', { address: resource.address, section: resource.section, name: resource.name, q: search, line: line === undefined ? '' : String(line) })
}
