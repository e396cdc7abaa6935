import { z } from 'zod'
import { runWrangler } from './wrangler.ts'

/** Which database a command speaks to: the local one of `npm run dev`, or the deployed one. */
export interface D1Target {
  readonly remote: boolean
  readonly persistTo: string | undefined
  readonly environment: string | undefined
}

export type Row = Readonly<Record<string, string | number | null>>

const answerSchema = z.array(
  z.object({ results: z.array(z.record(z.string(), z.union([z.string(), z.number(), z.null()]))) }),
)

/**
 * Runs statements in one call of `wrangler d1 execute`, which takes no parameters: values must be made with `literal`.
 * @returns the rows of each statement @throws Error with wrangler's own words
 */
export async function executeSql(target: D1Target, statements: readonly string[]): Promise<Row[][]> {
  const place = target.remote
    ? ['--remote']
    : ['--local', ...(target.persistTo ? ['--persist-to', target.persistTo] : [])]
  const environment = target.environment === undefined ? [] : ['--env', target.environment]
  const command = [
    'd1',
    'execute',
    'DB',
    ...place,
    ...environment,
    '--json',
    '--yes',
    '--command',
    statements.join(';\n'),
  ]
  const { exitCode, output } = await runWrangler(command)
  const parsed = answerSchema.safeParse(parseJson(output.slice(output.indexOf('['))))
  if (exitCode !== 0 || !parsed.success) throw new Error(output.trim())
  return parsed.data.map(({ results }) => results)
}

/** An SQL text literal. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
