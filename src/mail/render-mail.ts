import type { Locale, Mail, RenderedMail } from '../core/mail.ts'
import { fillWords } from './fill-words.ts'
import { layOutHtml } from './layout-html.ts'
import { layOutText } from './layout-text.ts'

interface RenderOptions {
  /** The product name for subjects and sentences; one line of plain text. */
  readonly productName: string
  readonly locale: Locale
}

/**
 * Renders a mail in one language, as plain text and as HTML with the same content. The HTML loads nothing.
 */
export function renderMail(mail: Mail, options: RenderOptions): RenderedMail {
  const composed = fillWords(mail, options)
  return { subject: composed.subject, text: layOutText(composed), html: layOutHtml(composed) }
}
