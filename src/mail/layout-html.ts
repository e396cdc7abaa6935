import { html, raw } from 'hono/html'
import type { ComposedMail } from './fill-words.ts'

type Html = ReturnType<typeof html>

// Colours are inline, because some mail programs drop style sheets; the style sheet adds colours for a dark
// screen. Every pair of colours has a contrast of at least 4.5 (WCAG 1.4.3). Nothing is loaded: no image,
// font or style sheet.
const FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
const TEXT = raw(`${FONT};font-size:16px;line-height:1.5;color:#1f2430`)
const QUIET = raw(`${FONT};font-size:14px;line-height:1.5;color:#5a6172`)
const ACTION = raw(
  `${FONT};font-size:16px;font-weight:600;line-height:1.25;color:#ffffff;text-decoration:none;display:inline-block;padding:12px 20px;border:1px solid #2448b8;border-radius:6px`,
)

const SHEET = raw(`:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
.page{background-color:#14161c !important}
.text{color:#e8eaf0 !important}
.quiet{color:#a9b0c0 !important}
.rule{border-color:#3a4050 !important}
.button{background-color:#9db8ff !important}
.action{color:#10131a !important;border-color:#9db8ff !important}
.link{color:#9db8ff !important}
}`)

/** Lays out a mail as HTML: one column, readable without its style sheet. */
export function layOutHtml(mail: ComposedMail): string {
  const { locale, subject, heading, lead, facts, advice, link, footer } = mail
  return String(html`<!doctype html>
<html lang="${locale}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${subject}</title>
<style>
${SHEET}
</style>
</head>
<body class="page" style="margin:0;padding:0;background-color:#ffffff">
<div role="article" lang="${locale}" style="max-width:560px;margin:0 auto;padding:32px 20px">
<h1 class="text" style="${TEXT};font-size:22px;line-height:1.3;margin:0 0 16px">${heading}</h1>
${paragraph(lead)}${facts.length > 0 && factTable(facts)}${advice.map(paragraph)}${link && linkBlocks(link)}
<p class="quiet rule" style="${QUIET};margin:32px 0 0;padding:16px 0 0;border-top:1px solid #d5d9e2">${footer}</p>
</div>
</body>
</html>
`)
}

const paragraph = (text: string): Html => html`<p class="text" style="${TEXT};margin:0 0 16px">${text}</p>\n`

const smallPrint = (content: Html | string): Html =>
  html`<p class="quiet" style="${QUIET};margin:0 0 16px">${content}</p>\n`

const factTable = (facts: ComposedMail['facts']): Html => html`
<table cellpadding="0" cellspacing="0" border="0" style="margin:0 0 16px">
${facts.map(factRow)}</table>
`

// The value has its own reading direction, so that a place in Hebrew does not reverse the rest of the line.
const factRow = ({ label, value }: ComposedMail['facts'][number]): Html =>
  html`<tr><th scope="row" align="left" valign="top" class="quiet" style="${QUIET};font-weight:normal;padding:4px 16px 4px 0">${label}</th><td valign="top" class="text" style="${TEXT};padding:4px 0"><bdi>${value}</bdi></td></tr>\n`

/** A button, the same link as text, and a note on how long it works. */
const linkBlocks = ({ url, action, note, asText }: NonNullable<ComposedMail['link']>): Html =>
  // The table cell has the background colour, because some mail programs ignore the padding of links.
  html`<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:0 0 16px"><tr><td class="button" bgcolor="#2448b8" style="background-color:#2448b8;border-radius:6px"><a class="action" href="${url}" style="${ACTION}">${action}</a></td></tr></table>
${smallPrint(note)}${smallPrint(html`${asText}<br><a class="link" href="${url}" style="color:#2448b8;word-break:break-all">${url}</a>`)}`
