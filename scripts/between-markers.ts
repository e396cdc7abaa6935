/**
 * Returns the text with new content between `<!-- name:start -->` and `<!-- name:end -->`.
 * @returns undefined unless each marker occurs exactly once
 */
export function replaceBetween(text: string, name: string, content: string): string | undefined {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`]
  const [before, rest, ...moreStarts] = text.split(start)
  const [, after, ...moreEnds] = rest?.split(end) ?? []
  if (before === undefined || after === undefined || moreStarts.length + moreEnds.length > 0) return undefined
  return `${before}${start}\n${content}\n${end}${after}`
}
