/** Shows how far something is, on one line that is drawn over. */
export interface Progress {
  /** @param total undefined where nobody knows it beforehand */
  show(done: number, total?: number): void
  /** Removes the line, so that what is printed next begins at its start. */
  clear(): void
}

/** A terminal, or what a test has in its place. */
interface Terminal {
  readonly isTTY?: boolean
  write(text: string): unknown
}

const WIDTH = 30
const REDRAW_MS = 100
const CLEAR_LINE = '\r\u001b[K'
const count = new Intl.NumberFormat('en')

/**
 * A progress bar on stderr, so that standard output stays the answer. Where stderr is no terminal nothing is
 * drawn: a log of a thousand bars helps nobody.
 * @param unit what is counted, in the plural
 */
export function startProgress(unit: string, terminal: Terminal = process.stderr, now = Date.now): Progress {
  let drawnAt = Number.NEGATIVE_INFINITY
  const draw = (text: string) => {
    if (terminal.isTTY) terminal.write(`${CLEAR_LINE}${text}`)
  }
  return {
    show(done, total) {
      // Drawing costs more than a short step does.
      if (now() - drawnAt < REDRAW_MS && done !== total) return
      drawnAt = now()
      draw(total === undefined ? `${count.format(done)} ${unit}` : bar(done, total, unit))
    },
    clear: () => draw(''),
  }
}

function bar(done: number, total: number, unit: string): string {
  const share = total === 0 ? 1 : Math.min(done / total, 1)
  const filled = Math.floor(share * WIDTH)
  const percent = String(Math.floor(share * 100)).padStart(3)
  return `[${'#'.repeat(filled)}${'-'.repeat(WIDTH - filled)}] ${percent} %  ${count.format(done)} of ${count.format(total)} ${unit}`
}
