/**
 * The text with other content between `<!-- name:start -->` and `<!-- name:end -->`.
 * @returns undefined when the markers are not there, once each
 */
export function replaceBetween(text: string, name: string, content: string): string | undefined {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`]
  const [before, rest, ...moreStarts] = text.split(start)
  const [, after, ...moreEnds] = rest?.split(end) ?? []
  if (before === undefined || after === undefined || moreStarts.length + moreEnds.length > 0) return undefined
  return `${before}${start}\n${content}\n${end}${after}`
}
