import { formatNoteKey } from '../tlog/note.ts'
import { originHash } from './cosigned-checkpoints.ts'
import { publicKeysOf, type WitnessSettings } from './witness-settings.ts'

/**
 * The keys of the witness and of the logs that it watches, as lines of a policy (C2SP tlog-policy).
 * @param url of the witness
 */
export function describeWitness(settings: WitnessSettings, url: string): string {
  const witnesses = publicKeysOf(settings).map((vkey, i) => {
    const [name = ''] = vkey.split('+')
    return `witness ${name}${i === 0 ? '' : `/older-key-${i}`} ${vkey} ${url}`
  })
  const logs = settings.logs.flatMap((key) => [
    `log ${formatNoteKey(key)}`,
    `# its newest cosigned checkpoint: ${url}/${originHash(key.name)}/checkpoint`,
  ])
  return [
    '# A witness of transparency logs (https://c2sp.org/tlog-witness).',
    ...witnesses,
    '# The logs that it watches:',
    ...logs,
    '',
  ].join('\n')
}
