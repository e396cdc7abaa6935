import { dateIn, when } from './fact-values.ts'
import type { FactRow, JsonMembers } from './outcome.ts'

/** Passkeys and security keys of the account, as rows of the page. */
export function passkeyRows(language: string, passkeys: readonly JsonMembers[]): FactRow[] {
  const dateOf = (value: unknown) => dateIn(language, value)
  return passkeys.map((passkey) => {
    const { id, name, provider, last_used_at: usedAt, second_factor_only: isKey } = passkey
    const isNamed = typeof name === 'string'
    return {
      id: String(id),
      name: isNamed ? name : undefined,
      unnamed_passkey: when(!isNamed && isKey !== true),
      unnamed_key: when(!isNamed && isKey === true),
      provider: typeof provider === 'string' ? provider : undefined,
      added: dateOf(passkey.created_at),
      used: dateOf(usedAt),
      unused: when(typeof usedAt !== 'string'),
      synced: when(passkey.synced === true),
      second_factor_only: when(isNamed && isKey === true),
      suspended: when(passkey.suspended === true),
      other_domain: when(passkey.other_domain === true),
    }
  })
}

/** Those that the service accepts now. */
export const usablePasskeys = (passkeys: readonly JsonMembers[]): readonly JsonMembers[] =>
  passkeys.filter(({ suspended, other_domain }) => suspended !== true && other_domain !== true)
