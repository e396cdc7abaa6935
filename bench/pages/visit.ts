import type { Browser, CDPSession } from 'playwright-core'

/** How slow the processor and the network are made. */
export interface Conditions {
  /** How many times slower the processor is. */
  readonly processor: number
  readonly network?: Network
}

interface Network {
  readonly latencyMs: number
  readonly downBitsPerSecond: number
  readonly upBitsPerSecond: number
}

interface Visit {
  /** Bytes of all answers, with their headers, as they were sent. */
  readonly bytes: number
  readonly requests: number
  /** From the beginning of the navigation until somebody can type an address. */
  readonly usableMs: number
  /** Processor time of the thread that runs the page, until the network is quiet. */
  readonly threadMs: number
}

// Looks before each frame, also below a shadow root, for a field that is visible and enabled.
const WAIT_FOR_FIELD = `
globalThis.usable = new Promise((resolve) => {
  const roots = () => [document, ...[...document.querySelectorAll('hanko-auth')].flatMap((e) => e.shadowRoot ?? [])]
  const look = () => {
    const field = roots().map((root) => root.querySelector('input[type=email]')).find(Boolean)
    if (field?.checkVisibility() && !field.matches(':disabled') && field.getBoundingClientRect().height > 0)
      resolve(performance.now())
    else requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
})`

const QUIET_MS = 500
const MAX_MS = 60_000

/**
 * Opens the page with an empty cache, and stays until the network is quiet.
 * @throws Error if a request fails, finds nothing, or goes to another origin
 */
export async function visit(browser: Browser, url: string, conditions: Conditions): Promise<Visit> {
  const context = await browser.newContext({ locale: 'en', ignoreHTTPSErrors: true })
  try {
    const page = await context.newPage()
    await page.addInitScript(WAIT_FOR_FIELD)
    const cdp = await context.newCDPSession(page)
    await cdp.send('Performance.enable', { timeDomain: 'threadTicks' })
    const traffic = await watchTraffic(cdp, new URL(url).origin)
    await slowDown(cdp, conditions)
    await page.goto(url, { timeout: MAX_MS })
    const { result } = await cdp.send('Runtime.evaluate', {
      expression: 'usable',
      awaitPromise: true,
      returnByValue: true,
      timeout: MAX_MS,
    })
    const { bytes, requests } = await traffic.untilQuiet()
    const { metrics } = await cdp.send('Performance.getMetrics')
    const threadMs = 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN)
    return { bytes, requests, usableMs: Number(result.value), threadMs }
  } finally {
    await context.close()
  }
}

async function slowDown(cdp: CDPSession, { processor, network }: Conditions): Promise<void> {
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: processor })
  if (network === undefined) return
  await cdp.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: network.latencyMs,
    downloadThroughput: network.downBitsPerSecond / 8,
    uploadThroughput: network.upBitsPerSecond / 8,
  })
}

/** Counts what is sent, and remembers what must not happen. */
async function watchTraffic(cdp: CDPSession, origin: string) {
  const open = new Map<string, string>()
  const problems: string[] = []
  let [bytes, requests, changedAt] = [0, 0, performance.now()]
  const end = (id: string, encodedBytes: number) => {
    open.delete(id)
    bytes += encodedBytes
    changedAt = performance.now()
  }
  cdp.on('Network.requestWillBeSent', ({ requestId, request: { url } }) => {
    if (/^(data|blob):/.test(url)) return
    if (new URL(url).origin !== origin) problems.push(`went elsewhere: ${url}`)
    open.set(requestId, url)
    requests++
  })
  cdp.on('Network.responseReceived', ({ response: { status, url } }) => {
    if (status >= 500 || status === 404) problems.push(`${status} ${url}`)
  })
  cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => end(requestId, encodedDataLength))
  cdp.on('Network.loadingFailed', ({ requestId, errorText }) => {
    problems.push(`${errorText} ${open.get(requestId)}`)
    end(requestId, 0)
  })
  await cdp.send('Network.enable')
  return {
    async untilQuiet() {
      while (open.size > 0 || performance.now() - changedAt < QUIET_MS)
        await new Promise((resolve) => setTimeout(resolve, QUIET_MS / 5))
      if (problems.length > 0) throw new Error(`${origin}: ${problems.join(', ')}`)
      return { bytes, requests }
    },
  }
}
