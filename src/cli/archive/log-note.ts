import * as z from 'zod'
import { deriveLogKeys } from '../../compliance/archive/keys/log-keys.ts'
import { type JudgedNote, judgeNote } from '../../compliance/archive/proof/judge-note.ts'
import { parseJson } from '../../core/json.ts'
import { type NotedTree, readNotedTree } from '../../tlog/checkpoint.ts'
import { devVarsPath } from '../dev/dev-options.ts'
import { UsageError } from '../shared/usage-error.ts'
import { deriveLocalRing, ROOT_KEYS_CAVEAT } from './anchors.ts'
import { type LogTrust, type PolicyChoice, readLogTrust } from './log-trust.ts'
import type { ArchiveChoice } from './open-archive.ts'
import { fetchPublished } from './published-keys.ts'
import { readText } from './saved-checkpoint.ts'

export interface NoteChoice extends ArchiveChoice, PolicyChoice {
  /** The path of a checkpoint of the log. */
  readonly note?: string | undefined
}

/** A checkpoint of the log whose signatures hold. */
export interface LogNote extends JudgedNote, NotedTree {
  /** Undefined if nothing shows who signed it. */
  readonly trust: LogTrust | undefined
}

/** The member of `/.well-known/audit-checkpoint`. */
const published = z.object({ note: z.string().nullable() })

/**
 * Reads the checkpoint of the log, from a file or from the service, and checks who signed it.
 * @returns undefined if there is none, or a sentence if it does not hold
 * @throws UsageError
 * @throws Error when the service does not answer
 */
export async function readLogNote(choice: NoteChoice): Promise<LogNote | string | undefined> {
  // A policy that cannot be read must not stay unnoticed where there is no checkpoint.
  const policy = choice.policy === undefined ? undefined : await readLogTrust(choice)
  const text = choice.note === undefined ? await fetchNote(choice.url) : noteIn(readText(choice.note))
  if (text === undefined) {
    if (choice.note !== undefined) throw new UsageError(`${choice.note} holds no checkpoint of a log.`)
    return undefined
  }
  const noted = readNotedTree(text)
  if (noted === undefined) return 'it is not the signed note of a log'
  const trust = policy ?? (await readLogTrust(choice)) ?? (await deriveTrust(choice, noted.head.origin))
  const judged = await judgeNote(noted, trust?.policy)
  return typeof judged === 'string' ? judged : { ...noted, ...judged, trust }
}

/**
 * Takes the note out of the saved JSON of `/.well-known/audit-checkpoint`. Another text is the note itself.
 */
export function noteIn(text: string): string | undefined {
  const json = parseJson(text)
  return json === undefined ? text : (published.safeParse(json).data?.note ?? undefined)
}

async function fetchNote(origin: string | undefined): Promise<string | undefined> {
  return origin === undefined ? undefined : (published.safeParse(await fetchPublished(origin)).data?.note ?? undefined)
}

/** The keys of `ROOT_KEYS` in `.dev.vars`, for the state on this machine. */
async function deriveTrust(choice: ArchiveChoice, origin: string): Promise<LogTrust | undefined> {
  if (choice.remote || choice.dir !== undefined) return undefined
  const path = devVarsPath({ configPath: choice.config, environment: choice.env })
  try {
    const { derived } = await deriveLogKeys({ ring: await deriveLocalRing(path) }, origin)
    const logs = derived.filter(({ isTrusted }) => isTrusted).map(({ key }) => ({ key, url: undefined }))
    const policy = { logs, witnesses: [], groups: [], quorum: 'none' }
    return { policy, name: `ROOT_KEYS in ${path}`, caveat: ROOT_KEYS_CAVEAT }
  } catch {
    // Without root keys nothing shows who signed the note. The output then says so.
    return undefined
  }
}
