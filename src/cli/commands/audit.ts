import { type Command, Option } from '@commander-js/extra-typings'
import { print } from '../shared/command-result.ts'
import { exitCodes, verdictCodes, withAnchor, withArchive } from '../shared/options.ts'

const HELP = `
The newest checkpoint must be signed by a key of --key or --url; it covers all segments before it. With --checkpoint
alone, by the key that signed that checkpoint. Without any, on this machine, by one that ROOT_KEYS in .dev.vars derives.
`

/** `latchkey audit`. */
export function defineAudit(program: Command): void {
  const area = program.command('audit').description('verifies the audit archive').addHelpText('after', exitCodes())
  withAnchor(withArchive(area.command('verify')))
    .description('verifies the audit archive from its first segment and reports the first fault. Needs no secret')
    .option(
      '--checkpoint <file>',
      'hold the archive against an earlier checkpoint that you kept: the JSON that /.well-known/audit-checkpoint gave, ' +
        'or the JWS in it. Without one, nobody can tell an archive that was cut short, or written anew with another ' +
        'key, from a true one',
    )
    .addOption(new Option('--trust <kid>', 'the same as --key with a thumbprint').argParser(collect).conflicts('url'))
    .addHelpText('after', HELP + verdictCodes)
    .action(async (options) => {
      const { auditVerify } = await import('../archive/audit-verify.ts')
      const { key, trust } = options
      const named = key || trust ? [...(key ?? []), ...(trust ?? [])] : undefined
      print(await auditVerify({ ...options, key: named }), options)
    })
}

const collect = (kid: string, before: readonly string[] = []): readonly string[] => [...before, kid]
