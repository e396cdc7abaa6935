import { accountWords } from '../../shared/account-words.ts'
import { call } from '../../shared/client.ts'
import { facts } from '../../shared/facts.ts'
import { Form } from '../../shared/form.tsx'
import { leaveFor } from '../../shared/provider.ts'
import { providerName } from '../../shared/provider-name.ts'

/** Goes to a provider with a ticket that links the account there to this one. */
export function AddIdentity() {
  const { add, addLead, noProviders, link } = accountWords.identities
  if (facts.providers.length === 0) return <p class="hint">{noProviders}</p>
  const start = async (provider: string) => {
    const { link: ticket } = await call('startLink', { params: { provider } })
    await leaveFor(provider, { screen: 'identities', link: ticket })
  }
  return (
    <>
      <h2>{add}</h2>
      <p>{addLead}</p>
      {facts.providers.map((provider) => (
        <Form key={provider} action={() => start(provider)} submit={link(providerName(provider))} look="plain" />
      ))}
    </>
  )
}
