import type { ComposedMail } from './fill-words.ts'

/** A mail as plain text: a blank line between blocks, the link alone on its line. */
export function layOutText({ heading, lead, facts, advice, link, footer }: ComposedMail): string {
  const blocks = [
    heading,
    lead,
    facts.map(({ label, value }) => `${label}: ${value}`).join('\n'),
    ...advice,
    link ? `${link.action}:\n${link.url}\n\n${link.note}` : '',
    `-- \n${footer}`,
  ]
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`
}
