import type { Command } from '@commander-js/extra-typings'
import { print } from '../shared/command-result.ts'
import { exitCodes, LOCAL_SERVICE, readTarget, withDatabase, withDatabaseAlone, withWaking } from '../shared/options.ts'

const load = () => import('../erasures/erasures.ts')

/** `latchkey erasures`. */
export function defineErasures(program: Command): void {
  const area = program
    .command('erasures')
    .description('lists erasures, starts purges, and places legal holds')
    .addHelpText('after', exitCodes())
  defineLists(area)
  defineHolds(area)
  withWaking(area.command('run'))
    .description('asks the Worker to purge what is due: within five minutes, on this machine at once')
    .addHelpText('after', exitCodes())
    .action(async (options) => {
      print(await (await load()).erasuresRun(readTarget(options), options.url), options)
    })
  withWaking(area.command('reopen'))
    .description('erases again people whom a restore brought back, if they are more than REOPEN_MAX')
    .requiredOption('--expect <count>', 'how many, as `erasures runs` counts them (refused); with more, none is')
    .addHelpText('after', exitCodes())
    .action(async (options) => {
      print(await (await load()).erasuresReopen(readTarget(options), options.expect, options.url), options)
    })
  withWaking(area.command('sign-markers'))
    .description('lists the erasure markers that a version before 0.3.0 wrote without a signature, or has them signed')
    .option('--expect <count>', 'how many to sign, as the list counts them; with another number, none is')
    .option('--user <user_id...>', 'also sign the markers of these users, whom the database does not know as erased')
    .addHelpText('after', exitCodes())
    .action(async (options) => {
      const { erasuresSignMarkers } = await import('../erasures/sign-markers.ts')
      print(await erasuresSignMarkers(readTarget(options), options), options)
    })
  withDatabaseAlone(area.command('dismiss'))
    .description('deletes a request that a purge has set aside (refused); the account stays as it is')
    .argument('<user_id>')
    .addHelpText('after', exitCodes())
    .action(async (userId, options) => {
      print(await (await load()).erasuresDismiss(readTarget(options), userId), options)
    })
  withDatabaseAlone(area.command('receipt'))
    .description('prints the signed receipt; pipe it to: npx --no-install latchkey receipt verify -')
    .argument('<user_id>')
    .addHelpText('after', exitCodes())
    .action(async (userId, options) => {
      print(await (await load()).erasuresReceipt(readTarget(options), userId), options)
    })
  withDatabase(area.command('proof'))
    .description('prints the file that proves an erasure to anybody: the receipt, and that the published log has it')
    .argument('<user_id>')
    .option('--url <origin>', 'the service, which publishes the log', LOCAL_SERVICE)
    .addHelpText('after', PROOF_HELP + exitCodes())
    .action(async (userId, options) => {
      print(await (await load()).erasuresProof(readTarget(options), userId, options.url), options)
    })
}

const PROOF_HELP = `
Give the file to the person, who checks it with: npx --no-install latchkey receipt verify FILE --policy POLICY
`

function defineLists(area: Command): void {
  withDatabaseAlone(area.command('list'))
    .description('lists every open erasure with its state: pending, due, held, failed, refused')
    .addHelpText('after', exitCodes())
    .action(async (options) => {
      print(await (await load()).erasuresList(readTarget(options)), options)
    })
  withDatabaseAlone(area.command('dry-run'))
    .description('counts erasures by state; a purge would erase those that are due or failed')
    .addHelpText('after', exitCodes())
    .action(async (options) => {
      print(await (await load()).erasuresCount(readTarget(options)), options)
    })
  withDatabaseAlone(area.command('runs'))
    .description('shows the progress of the last runs of every job')
    .addHelpText('after', exitCodes())
    .action(async (options) => {
      print(await (await load()).erasuresRuns(readTarget(options)), options)
    })
}

const SEALED_HELP = `
The command records an event, which it seals with ROOT_KEYS. On this machine it is read from the environment or from
.dev.vars. With --remote it must be in the environment, and the command refuses without it.`

function defineHolds(area: Command): void {
  withDatabaseAlone(area.command('hold'))
    .description('places a legal hold, which blocks the purge of a user')
    .argument('<user_id>')
    .argument('<reason...>', 'the reference of your case, without personal data')
    .addHelpText('after', `${SEALED_HELP}\n${exitCodes()}`)
    .action(async (userId, reason, options) => {
      print(await (await load()).erasuresHold(readTarget(options), userId, reason.join(' ')), options)
    })
  withDatabaseAlone(area.command('release'))
    .description('releases the legal hold of a user')
    .argument('<user_id>')
    .addHelpText('after', `${SEALED_HELP}\n${exitCodes()}`)
    .action(async (userId, options) => {
      print(await (await load()).erasuresRelease(readTarget(options), userId), options)
    })
}
