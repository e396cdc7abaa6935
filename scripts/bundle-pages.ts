import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { build } from 'esbuild'
import { type OutputChunk, type RolldownPluginOption, rolldown } from 'rolldown'
import { PAGES_PATH } from '../src/core/mail.ts'

const PAGES = join(import.meta.dirname, '../src/pages')

/** The name that each language's words have, in `src/pages/words/<locale>/index.ts`. */
const LANGUAGES = { en: 'english', de: 'german' } as const

/** A file that a browser gets. Its name changes with its content. */
export interface BundledFile {
  readonly name: string
  readonly contents: Uint8Array
  /** The names of the files that are loaded before this one runs. */
  readonly imports: readonly string[]
  /** The names of the files that it may ask for later. */
  readonly dynamicImports: readonly string[]
  /** What the file is asked for: `start:<locale>`, or a path below `src/pages`. */
  readonly entry?: string
}

/**
 * Bundles scripts, style and licences. Everything that starts is in one file and the words of the language in
 * another; a screen that is opened later takes one file, with its words two, and what screens share another.
 */
export async function bundlePages(): Promise<readonly BundledFile[]> {
  return [...(await bundleScripts()), await bundleSheet(), LICENCES]
}

async function bundleScripts(): Promise<BundledFile[]> {
  await using bundle = await rolldown({
    cwd: PAGES,
    input: Object.fromEntries(Object.keys(LANGUAGES).map((locale) => [`start-${locale}`, START + locale])),
    platform: 'browser',
    preserveEntrySignatures: false,
    // The tsconfig.json of the folder is for the type check only.
    tsconfig: false,
    transform: { target: 'es2022', jsx: { runtime: 'automatic', importSource: 'preact', development: false } },
    plugins: [starts],
  })
  const { output } = await bundle.generate({
    entryFileNames: '[name]-[hash].js',
    chunkFileNames: '[name]-[hash].js',
    // File systems that ignore the case of names see no two files as one.
    hashCharacters: 'base36',
    minify: true,
    comments: { legal: true, annotation: false, jsdoc: false },
    banner: ({ moduleIds }) => (moduleIds.some((id) => PACKAGE.test(id)) ? BANNER : ''),
    codeSplitting: {
      groups: [
        { name: 'pages', tags: ['$initial'], test: isCode, priority: 2 },
        { name: 'shared', test: isCode, minShareCount: 2, priority: 1 },
      ],
    },
  })
  return output.flatMap((file) => (file.type === 'chunk' ? describe(file) : []))
}

const START = 'start:'
const PACKAGE = /[\\/]node_modules[\\/]/

/** Words are not shared: a browser needs those of one language. */
const isCode = (id: string): boolean => !id.startsWith(START) && !/[\\/]pages[\\/]words[\\/]/.test(id)

/** The entry of each language. */
const starts: RolldownPluginOption = {
  name: 'start',
  resolveId: (id) => (id.startsWith(START) ? id : undefined),
  load(id) {
    const language = Object.entries(LANGUAGES).find(([locale]) => id === START + locale)
    return language && startOf(...language)
  },
}

const startOf = (locale: string, words: string): string => `
import { start } from ${JSON.stringify(join(PAGES, 'browser/account/start.tsx'))}
import { ${words} } from ${JSON.stringify(join(PAGES, 'words', locale, 'index.ts'))}
start(${words})
`

function describe({ fileName: name, code, imports, dynamicImports, facadeModuleId: id }: OutputChunk): BundledFile {
  const entry = id === null ? {} : { entry: id.startsWith(START) ? id : relative(PAGES, id).replaceAll('\\', '/') }
  return { name, contents: toBytes(code), imports, dynamicImports, ...entry }
}

const SHEET = 'browser/shared/theme.css'

async function bundleSheet(): Promise<BundledFile> {
  const { outputFiles } = await build({
    entryPoints: [SHEET],
    absWorkingDir: PAGES,
    outdir: 'packed',
    bundle: true,
    minify: true,
    write: false,
    target: 'es2022',
    charset: 'utf8',
    logLevel: 'silent',
    legalComments: 'none',
    entryNames: '[name]-[hash]',
  })
  const [sheet] = outputFiles
  if (sheet === undefined) throw new Error(`esbuild made nothing of ${SHEET}`)
  return { name: basename(sheet.path), contents: sheet.contents, ...NONE, entry: SHEET }
}

const NONE = { imports: [], dynamicImports: [] }

const toBytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The licences of the packages whose code is in the scripts, which whoever gets the code must get too. */
const PACKAGES = ['preact', 'preact-iso', 'uqr']
const LICENCES = licencesOf(PACKAGES)
const BANNER = `/*! Contains ${PACKAGES.join(', ').replace(/, (?=[^,]*$)/, ' and ')} (MIT): ${PAGES_PATH}/${LICENCES.name} */`

function licencesOf(names: readonly string[]): BundledFile {
  const modules = join(import.meta.dirname, '../node_modules')
  const text = names.map((name) => `${name}\n\n${readFileSync(join(modules, name, 'LICENSE'), 'utf8')}`).join('\n')
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 8)
  return { name: `licences-${digest}.txt`, contents: toBytes(text), ...NONE }
}
