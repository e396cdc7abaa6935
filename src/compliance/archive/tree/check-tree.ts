import type { TreeGrowing } from '../../../context.ts'
import type { AlarmFindings } from '../../../core/alarm.ts'
import { HOUR_MS } from '../../../core/time.ts'
import { EMPTY_EDGE } from '../../../tlog/edge.ts'
import { originOf } from '../keys/log-keys.ts'
import { knownKeys } from '../keys/log-signers.ts'
import { findLog } from '../log/open-log.ts'
import type { ArchiveEnd } from './grow-tree.ts'
import { readLeaves } from './read-leaves.ts'
import { type BelievedTree, readTree } from './tree-state.ts'

type Findings = Pick<AlarmFindings, 'log_origin_changed' | 'tree_behind'>

/** For so long a segment may be in the archive and not in the tree. */
const MOST_BEHIND_MS = HOUR_MS / 4

/**
 * Checks whether the tree has all older segments, and whether the setting still names the log.
 * @throws TimeLimitError
 */
export async function checkTree(ctx: TreeGrowing): Promise<Findings> {
  const tree = await readTree(ctx)
  const log = await findLog(ctx)
  return {
    log_origin_changed: tree !== undefined && tree.head.origin !== originOf(ctx.settings),
    tree_behind: log !== undefined && (await isBehind(ctx, log, tree)),
  }
}

/**
 * A segment that is not sound makes the tree wait for ever, so nothing is gained by waiting before the alarm.
 * The number of the tree's last segment is not signed: an attacker who can write the database could otherwise
 * hide with it that the tree is an earlier one.
 */
async function isBehind(ctx: TreeGrowing, { head, nameKey }: ArchiveEnd, tree: BelievedTree | undefined) {
  const { segment, edge } = tree ?? { segment: 0, edge: EMPTY_EDGE }
  if (segment >= head.sequence) return segment > head.sequence || edge.size !== head.eventCount
  const next = await readLeaves(ctx, { head, nameKey, findKey: knownKeys(ctx) }, segment + 1)
  return next === undefined || next.first !== edge.size || next.createdAtMs < ctx.now - MOST_BEHIND_MS
}
