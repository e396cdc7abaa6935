import { parseArgs } from 'node:util'
import { startChromium } from '../test/browser/chromium.ts'
import { pageContenders, type ServedPage } from './pages/contenders.ts'
import { type Conditions, visit } from './pages/visit.ts'
import { installContenders } from './support/install.ts'
import { note, print } from './support/print.ts'
import { median, quantile } from './support/statistics.ts'
import { table } from './support/table.ts'

// `npm run bench -- pages`: what a browser loads for a sign-in form, and when somebody can type into it,
// beside the pages that others offer. Every visit has an empty cache and a slow processor, and every second
// one a slow network too.
const SLOW_PROCESSOR: Conditions = { processor: 4 }
const SLOW_NETWORK: Conditions = {
  processor: 4,
  network: { latencyMs: 150, downBitsPerSecond: 1_600_000, upBitsPerSecond: 750_000 },
}

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, contender: { type: 'string', multiple: true } },
})

interface Round {
  readonly bytes: number
  readonly requests: number
  readonly processorMs: number
  readonly threadMs: number
  readonly networkMs: number
}

installContenders()
const isAsked = ({ name }: { readonly name: string }) => values.contender?.includes(name) ?? true
const pages: (readonly [title: string, ServedPage])[] = []
const browser = await startChromium()
try {
  for (const { name, title, serve } of pageContenders.filter(isAsked)) {
    note(`${name}: is built and served`)
    pages.push([title, await serve()])
  }
  const rounds = new Map(pages.map((page) => [page, [] as Round[]]))
  for (let round = 0; round <= Number(values.rounds); round++) {
    note(round === 0 ? 'warm-up' : `round ${round} of ${values.rounds}`)
    for (const page of round % 2 === 0 ? pages : pages.toReversed()) {
      const measured = await measure(page[1])
      if (round > 0) rounds.get(page)?.push(measured)
    }
  }
  report([...rounds].map(([[title], measured]) => [title, measured]))
} finally {
  await browser.close()
  for (const [, page] of pages) await page[Symbol.asyncDispose]()
}

async function measure({ url }: ServedPage): Promise<Round> {
  const { usableMs: processorMs, threadMs } = await visit(browser, url, SLOW_PROCESSOR)
  const { bytes, requests, usableMs: networkMs } = await visit(browser, url, SLOW_NETWORK)
  return { bytes, requests, threadMs, processorMs, networkMs }
}

/** Ratios are the medians of the ratios of the rounds. */
function report(measured: readonly (readonly [title: string, readonly Round[]])[]): void {
  const [, base = []] = measured[0] ?? []
  const rows = measured.map(([title, rounds]) => {
    const ratio = (pick: (round: Round) => number) =>
      median(rounds.map((round, i) => pick(round) / pick(base[i] ?? round))).toFixed(1)
    const spread = (pick: (round: Round) => number) => {
      const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => quantile(rounds.map(pick), share).toFixed(0))
      return `${middle} (${low} to ${high})`
    }
    return [
      title,
      (median(rounds.map(({ bytes }) => bytes)) / 1024).toFixed(1),
      ratio(({ bytes }) => bytes),
      String(median(rounds.map(({ requests }) => requests))),
      spread(({ threadMs }) => threadMs),
      ratio(({ threadMs }) => threadMs),
      spread(({ processorMs }) => processorMs),
      ratio(({ processorMs }) => processorMs),
      spread(({ networkMs }) => networkMs),
      ratio(({ networkMs }) => networkMs),
    ]
  })
  const headings = [
    'sign-in form',
    'KiB',
    'ratio',
    'requests',
    'ms of the thread',
    'ratio',
    'ms, slow processor',
    'ratio',
    'ms, slow network',
    'ratio',
  ]
  print(table(headings, rows))
}
