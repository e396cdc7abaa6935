import { type Command, Option } from '@commander-js/extra-typings'
import { print } from '../shared/command-result.ts'
import { exitCodes, withArchive } from '../shared/options.ts'

/** `latchkey audit`. */
export function defineAudit(program: Command): void {
  const area = program.command('audit').description('verifies the audit archive').addHelpText('after', exitCodes())
  withArchive(area.command('verify'))
    .description('verifies the audit archive from its first segment and reports the first fault. Needs no secret')
    .option(
      '--checkpoint <file>',
      'hold the archive against an earlier checkpoint that you kept: the JSON that /.well-known/audit-checkpoint gave, ' +
        'or the JWS in it. Without one, nobody can tell an archive that was cut short, or written anew with another ' +
        'key, from a true one',
    )
    .addOption(
      new Option('--trust <kid>', 'trusts only the key with this thumbprint (may be repeated)').argParser(collect),
    )
    .addHelpText('after', exitCodes('no fault was found', 'a fault was found, or the archive could not be read'))
    .action(async (options) => {
      const { auditVerify } = await import('../archive/audit-verify.ts')
      print(await auditVerify(options), options)
    })
}

const collect = (kid: string, before: readonly string[] = []): readonly string[] => [...before, kid]
