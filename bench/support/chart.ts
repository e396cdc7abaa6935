import { contenders } from '../contenders/index.ts'
import { operationNames, operationTitles } from './contender.ts'
import { findResult, perSecond, type Results } from './results.ts'

const WIDTH = 760
const LABELS = 250
const BARS = 400
const ROW = 18
const HEADING = 30

/**
 * Readable on light and dark backgrounds. A viewer that supports neither media query gets the light colours.
 */
const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #1f2328; }
  .heading { font-weight: 600; }
  .bar { fill: #8c959f; }
  .ours { fill: #0969da; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .bar { fill: #6e7681; }
    .ours { fill: #4493f8; }
  }`

/**
 * Operations a second, as one group of bars for each operation. The longest bar of a group is its fastest
 * contender.
 */
export function chart(results: Results, connections: number): string {
  let y = 10
  const parts = operationNames.flatMap((operation) => {
    const bars = contenders.flatMap(({ name, title }) => {
      const result = findResult(results, { contender: name, operation, connections })
      return result === undefined ? [] : [{ name, title, value: perSecond(result) }]
    })
    if (bars.length < 2) return []
    y += HEADING
    const heading = text(0, y - 8, operationTitles[operation].replaceAll('`', ''), 'heading')
    const most = Math.max(...bars.map(({ value }) => value))
    const drawn = bars.map((bar, i) => drawBar(bar, most, y + i * ROW))
    y += bars.length * ROW
    return [heading, ...drawn]
  })
  const title = `Operations a second at ${connections} connections`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 10}" width="${WIDTH}" role="img" aria-label="${title}">
<style>${STYLE}</style>
<title>${title}</title>
${parts.join('\n')}
</svg>
`
}

interface Bar {
  readonly name: string
  readonly title: string
  readonly value: number
}

function drawBar({ name, title, value }: Bar, most: number, y: number): string {
  const width = Math.max(1, (value / most) * BARS)
  const kind = name === 'latchkey' ? 'bar ours' : 'bar'
  const bar = `<rect class="${kind}" x="${LABELS}" y="${y}" width="${width.toFixed(1)}" height="${ROW - 4}" rx="2"/>`
  const shown = value.toFixed(value >= 10 ? 0 : 1)
  return [text(0, y + 11, title), bar, text(LABELS + width + 6, y + 11, shown)].join('')
}

const text = (x: number, y: number, content: string, kind = ''): string =>
  `<text x="${x.toFixed(1)}" y="${y}"${kind && ` class="${kind}"`}>${content.replaceAll('&', '&amp;')}</text>`
