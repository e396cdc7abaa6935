import { html } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import type { Locale } from '../../core/mail.ts'
import manifest from '../packed/manifest.json' with { type: 'json' }

interface HeadOptions {
  readonly title: string
  readonly productName: string
  readonly locale: Locale
  /** After the style sheet. */
  readonly more?: HtmlEscapedString | Promise<HtmlEscapedString>
}

/** The part of a page before its body. */
export const layOutHead = ({ title, productName, locale, more }: HeadOptions) => html`<!doctype html>
<html lang="${locale}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title} · ${productName}</title>
<link rel="stylesheet" href="${manifest.sheet}">
${more}
</head>`
