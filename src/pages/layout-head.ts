import { html } from 'hono/html'
import type { Locale } from '../core/mail.ts'
import { sheet } from './assets.ts'

interface HeadOptions {
  readonly title: string
  readonly productName: string
  readonly locale: Locale
  /** The paths of the page's scripts. */
  readonly scripts?: readonly string[]
}

/** The part of a page before its body. */
export const layOutHead = ({ title, productName, locale, scripts = [] }: HeadOptions) => html`<!doctype html>
<html lang="${locale}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title} · ${productName}</title>
<link rel="stylesheet" href="${sheet.path}">
${scripts.map((script) => html`<script src="${script}" defer></script>\n`)}
</head>`

/** Prevents a line break within "e-mail". */
export const unbroken = (text: string): string => text.replace(/\be-(?=mail)/gi, ([letter]) => `${letter}\u2011`)
