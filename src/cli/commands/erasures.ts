import type { Command } from '@commander-js/extra-typings'
import { print } from '../shared/answer.ts'
import { exitCodes, readTarget, withDatabaseAlone, withWaking } from '../shared/options.ts'

const load = () => import('../erasures/erasures.ts')

/** `latchkey erasures`. */
export function defineErasures(program: Command): void {
  const area = program
    .command('erasures')
    .description('lists erasures, asks for them, and holds them back')
    .addHelpText('after', exitCodes())
  defineLists(area)
  defineHolds(area)
  withWaking(area.command('run'))
    .description('asks for a purge: the Worker begins within five minutes, locally at once')
    .addHelpText('after', exitCodes())
    .action(async (options) => {
      print(await (await load()).erasuresRun(readTarget(options), options.url), options)
    })
  withDatabaseAlone(area.command('receipt'))
    .description('prints the signed receipt; pipe it to: npx --no-install latchkey receipt verify -')
    .argument('<user_id>')
    .addHelpText('after', exitCodes())
    .action(async (userId, options) => {
      print(await (await load()).erasuresReceipt(readTarget(options), userId), options)
    })
}

function defineLists(area: Command): void {
  withDatabaseAlone(area.command('list'))
    .description('every erasure that is open, with its state: pending, due, held, failed')
    .addHelpText('after', exitCodes())
    .action(async (options) => {
      print(await (await load()).erasuresList(readTarget(options)), options)
    })
  withDatabaseAlone(area.command('dry-run'))
    .description('how many there are in each state; a purge would erase those due and failed')
    .addHelpText('after', exitCodes())
    .action(async (options) => {
      print(await (await load()).erasuresCount(readTarget(options)), options)
    })
  withDatabaseAlone(area.command('runs'))
    .description('how far the last runs of every job got')
    .addHelpText('after', exitCodes())
    .action(async (options) => {
      print(await (await load()).erasuresRuns(readTarget(options)), options)
    })
}

function defineHolds(area: Command): void {
  withDatabaseAlone(area.command('hold'))
    .description('blocks the purge of a user')
    .argument('<user_id>')
    .argument('<reason...>', "your case's reference, no personal data")
    .addHelpText('after', exitCodes())
    .action(async (userId, reason, options) => {
      print(await (await load()).erasuresHold(readTarget(options), userId, reason.join(' ')), options)
    })
  withDatabaseAlone(area.command('release'))
    .description('lifts the hold')
    .argument('<user_id>')
    .addHelpText('after', exitCodes())
    .action(async (userId, options) => {
      print(await (await load()).erasuresRelease(readTarget(options), userId), options)
    })
}
