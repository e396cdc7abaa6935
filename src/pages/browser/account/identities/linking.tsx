import { useEffect, useState } from 'preact/hooks'
import { isProblem } from '../../../../client/problem.ts'
import { accountWords } from '../../shared/account-words.ts'
import { call } from '../../shared/client.ts'
import { explain } from '../../shared/explain.ts'
import { Waiting } from '../../shared/loaded.tsx'
import type { Return } from '../../shared/provider.ts'
import { providerName } from '../../shared/provider-name.ts'

interface LinkingProps {
  /** How the sign-in at the provider ended. */
  readonly returned: Return
  readonly onLinked: (text: string) => void
}

/** Links the identity with which the person came back, once. */
export function Linking({ returned, onLinked }: LinkingProps) {
  const [state, show] = useState<'waiting' | 'linked' | { readonly refusal: string }>('waiting')
  useEffect(() => {
    link(returned).then(
      (provider) => {
        show('linked')
        onLinked(accountWords.identities.linked(providerName(provider)))
      },
      (error: unknown) => show({ refusal: explainLink(error) }),
    )
  }, [])
  if (state === 'waiting') return <Waiting />
  return (
    <p class="problem" role="alert">
      {state === 'linked' ? undefined : state.refusal}
    </p>
  )
}

/** What the service said in the address, or says to the code. */
class RefusedLink extends Error {}

async function link({ exchange, error }: Return): Promise<string> {
  if (exchange === undefined) throw new RefusedLink(error)
  return (await call('linkIdentity', { body: exchange })).provider
}

function explainLink(error: unknown): string {
  const texts: Readonly<Record<string, string>> = accountWords.identities.refused
  if (error instanceof RefusedLink) return texts[error.message] ?? accountWords.identities.refused.other
  return (
    (isProblem(error) ? texts[error.code] : undefined) ??
    explain(error).message ??
    accountWords.identities.refused.other
  )
}
