import { type Command, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import { print } from '../shared/command-result.ts'
import { exitCodes, verdictCodes, withAnchor, withArchive } from '../shared/options.ts'
import { UsageError } from '../shared/usage-error.ts'

const HELP = `
The newest checkpoint must be signed by a key of --key or --url; it covers all segments before it. With --checkpoint
alone, by the key that signed that checkpoint. Without any, on this machine, by one that ROOT_KEYS in .dev.vars derives.
`

const POLICY =
  'the logs that you believe, and the witnesses that must have signed the checkpoint of the log (C2SP). If it names no ' +
  'log, the keys are those that --url publishes'

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
    .option(
      '--only-after',
      'verify only the segments after --checkpoint. An event that is archived twice is then found only among them',
    )
    .option(
      '--person <file>',
      'count the events of the person whose export this is, and report those that the export lacks',
    )
    .option(
      '--note <file>',
      'a checkpoint of the log to compare with: the note, or the JSON that has it. Without it, the one that --url publishes',
    )
    .option('--policy <file>', POLICY)
    .option(
      '--max-age <hours>',
      'answer 5 if the newest segment is older, or the newest signatures of a quorum of --policy',
      parseHours,
    )
    .addOption(new Option('--trust <kid>', 'the same as --key with a thumbprint').argParser(collect).conflicts('url'))
    .addHelpText(
      'after',
      `${HELP}${verdictCodes}\n  5  no fault was found, but fewer witnesses signed than --policy asks for, or it is older than --max-age`,
    )
    .action(async (options) => {
      const { auditVerify } = await import('../archive/audit-verify.ts')
      const { key, trust } = options
      if (options.onlyAfter && options.checkpoint === undefined)
        throw new UsageError('--only-after needs --checkpoint.')
      // Without the lines before the kept position there is no tree that a checkpoint could be compared with.
      if (options.onlyAfter && (options.policy ?? options.note) !== undefined)
        throw new UsageError(
          '--only-after does not compare the log: prove that it continues with latchkey audit follow.',
        )
      const named = key || trust ? [...(key ?? []), ...(trust ?? [])] : undefined
      print(await auditVerify({ ...options, key: named }), options)
    })
  defineFollow(area)
  defineProject(area)
}

function defineFollow(area: Command): void {
  area
    .command('follow')
    .description(
      'proves that the checkpoint of the log which a service publishes continues one that you kept. Reads about ten ' +
        'tiles of the public log, and needs no access to the archive',
    )
    .requiredOption('--url <origin>', 'the service, for example https://id.example')
    .requiredOption('--kept <file>', 'the checkpoint that you kept: the note, or the JSON that has it')
    .option('--policy <file>', POLICY)
    .option('--max-age <hours>', 'answer 5 if the newest signatures of a quorum of --policy are older', parseHours)
    .option('--save <file>', 'write the published checkpoint there if it holds; it may be the file of --kept')
    .option('--json', 'prints one JSON document to standard output')
    .addHelpText('after', FOLLOW_CODES)
    .action(async (options) => {
      const { auditFollow } = await import('../archive/audit-follow.ts')
      print(await auditFollow(options), options)
    })
}

const FOLLOW_CODES = `
Exit codes:
  0  the published checkpoint holds and continues the kept one
  1  it does not
  2  wrong usage
  4  the service could not be read
  5  it does, but fewer witnesses signed than --policy asks for, or it is older than --max-age`

function defineProject(area: Command): void {
  withAnchor(withArchive(area.command('project')))
    .description(
      'computes the tiles and bundles of the log from the segments, and writes those that are missing into the bucket. ' +
        'The service does that by itself',
    )
    .option('--out <folder>', 'write all of them into this folder instead')
    .addHelpText('after', exitCodes())
    .action(async (options) => {
      const { auditProject } = await import('../archive/audit-project.ts')
      print(await auditProject(options), options)
    })
}

function parseHours(text: string): number {
  const hours = Number(text)
  if (!(hours > 0)) throw new InvalidArgumentError('It must be a positive number.')
  return hours
}

const collect = (kid: string, before: readonly string[] = []): readonly string[] => [...before, kid]
