import type { Context, Exporting } from '../../context.ts'
import type { UserId } from '../../core/ids.ts'
import { rfc3339 } from '../../core/time.ts'
import type { PersonalData } from '../../storage/database/personal-data.ts'
import { personalDataOwners } from '../personal-data-owners.ts'
import { keptFor, retentionRules } from '../retention.ts'

/**
 * The contents of an export: all data held about the person, and for each store what it holds, why and how
 * long.
 */
export interface ExportBundle {
  readonly manifest: {
    readonly format: 'latchkey-export/1'
    readonly created_at: string
    readonly issuer: string
    readonly subject: UserId
    readonly stores: readonly ManifestEntry[]
  }
  readonly data: PersonalData
}

interface ManifestEntry {
  readonly store: string
  readonly place: string
  readonly holds: string
  readonly form: string
  readonly legal_basis: string
  readonly retention: string
  readonly removed_by: string
  /** Members of `data` that come from this store; empty for keys and technical copies. */
  readonly exported_as: readonly string[]
}

type Dependencies = Exporting & Pick<Context, 'now'>

/**
 * Collects the personal data of every owner, one after the other.
 * @throws CiphertextError when a column was altered or moved
 */
export async function collectBundle(ctx: Dependencies, userId: UserId, key: CryptoKey): Promise<ExportBundle> {
  let data: PersonalData = {}
  for (const owner of personalDataOwners.toReversed()) {
    data = { ...data, ...(await owner.exportPersonalData(ctx, userId, key)) }
  }
  return {
    manifest: {
      format: 'latchkey-export/1',
      created_at: rfc3339(ctx.now),
      issuer: ctx.settings.ISSUER,
      subject: userId,
      stores: manifestOf(ctx),
    },
    data,
  }
}

const manifestOf = ({ settings }: Dependencies): ManifestEntry[] =>
  retentionRules
    .filter(({ personalData }) => personalData !== 'none')
    .map((rule) => ({
      store: rule.store,
      place: rule.place,
      holds: rule.holds,
      form: rule.personalData,
      legal_basis: rule.basis,
      retention: keptFor(rule, settings),
      removed_by: rule.removedBy,
      exported_as: rule.exportedAs ?? [],
    }))
