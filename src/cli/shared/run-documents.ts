import * as z from 'zod'
import { readStored } from '../../core/json.ts'
import type { D1Row } from './d1.ts'

const countsSchema = z.record(z.string(), z.unknown())

/** Runs of jobs for `--json`. The database stores their counts as JSON text. */
export const runDocuments = (runs: readonly D1Row[]): object[] =>
  runs.map((run) => ({
    ...run,
    counts: typeof run.counts === 'string' ? readStored(countsSchema, run.counts) : {},
  }))
