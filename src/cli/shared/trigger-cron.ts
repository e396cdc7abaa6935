import { HOUSEKEEPING_CRON } from '../../core/lifetimes.ts'

/** Triggers the local cron, which runs by itself only in production. @returns whether a service answered */
export async function triggerCron(url: string): Promise<boolean> {
  try {
    const { ok } = await fetch(`${url}/cdn-cgi/local/scheduled?cron=${encodeURIComponent(HOUSEKEEPING_CRON)}`)
    return ok
  } catch {
    return false
  }
}
