import * as z from 'zod'

const ratelimits = z.record(z.string(), z.object({ simple: z.object({ limit: z.number(), period: z.number() }) }))

/** Counts in memory, for each binding and window. */
const SCRIPT = `import { WorkerEntrypoint } from 'cloudflare:workers'
const burstLimits = new Map()
export class BurstLimit extends WorkerEntrypoint {
  limit({ key }) {
    const { name, limit, period } = this.ctx.props
    const window = Math.floor(Date.now() / 1000 / period)
    if (burstLimits.get(name)?.window !== window) burstLimits.set(name, { window, counts: new Map() })
    const { counts } = burstLimits.get(name)
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    return { success: count <= limit }
  }
}
export default {}`

/**
 * Simulates the rate-limiting bindings of a Worker. Miniflare's simulation writes to SQLite at every call,
 * which takes as long as an insert into D1. Cloudflare's own keeps counts in the memory of the machine, and
 * so does this one.
 * @param configured the bindings of a wrangler.toml
 */
export function playBurstLimits(configured: unknown) {
  const bindings = Object.entries(ratelimits.parse(configured ?? {})).map(([name, { simple }]) => [
    name,
    { name: 'shields', entrypoint: 'BurstLimit', props: { name, ...simple } },
  ])
  const worker = {
    name: 'shields',
    modulesRoot: '.',
    modules: [{ type: 'ESModule' as const, path: 'shields.js', contents: SCRIPT }],
    compatibilityDate: '2026-11-01',
  }
  return { serviceBindings: Object.fromEntries(bindings), workers: bindings.length > 0 ? [worker] : [] }
}
