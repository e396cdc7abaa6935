import type { ComposedMail } from './fill-words.ts'

/** Lays out a mail as plain text: blank lines between blocks, and the link on a line of its own. */
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
