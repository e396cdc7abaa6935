import { beforeEach, onTestFailed } from 'vitest'

const METHODS = ['log', 'info', 'warn', 'error', 'debug'] as const

let held: (() => void)[] = []

/**
 * What a test prints is kept in the Worker and handed out only when it fails. Vitest would send every line to
 * another process to decide there: the requests of a whole run write a hundred thousand.
 */
for (const method of METHODS) {
  // biome-ignore lint/suspicious/noConsole: it is what is held
  const print = console[method].bind(console)
  console[method] = (...words: unknown[]) => void held.push(() => print(...words))
}

beforeEach(() => {
  held = []
  onTestFailed(() => {
    for (const print of held) print()
  })
})
