/** Shows progress on one line, which is redrawn in place. */
export interface Progress {
  /** @param total undefined when it is not known beforehand */
  show(done: number, total?: number): void
  /** Removes the line, so that the next output starts in its first column. */
  clear(): void
}

/** A terminal, or the stand-in of a test. */
interface Terminal {
  readonly isTTY?: boolean
  write(text: string): unknown
}

const WIDTH = 30
const REDRAW_MS = 100
/** Removes the line of a terminal in which the cursor is. */
export const CLEAR_LINE = '\r\u001b[K'
const count = new Intl.NumberFormat('en')

/**
 * A progress bar on stderr, so that standard output contains the result only. Nothing is drawn when stderr is
 * not a terminal, to keep logs short.
 * @param unit the things that are counted, in the plural
 */
export function startProgress(unit: string, terminal: Terminal = process.stderr, now = Date.now): Progress {
  let drawnAt = Number.NEGATIVE_INFINITY
  const draw = (text: string) => {
    if (terminal.isTTY) terminal.write(`${CLEAR_LINE}${text}`)
  }
  return {
    show(done, total) {
      // Drawing takes longer than a short step.
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
