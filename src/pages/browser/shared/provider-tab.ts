import { Refused } from './explain.ts'
import { isOfOtherTab, OF_OTHER_TAB, randomText, startAddress } from './provider.ts'

/** From the tab to which a provider sent the browser back, to the tab that waits for it. */
interface Outcome {
  readonly state: string
  /** Undefined if the provider or the service refused. */
  readonly code: string | undefined
}

const tabs = new BroadcastChannel('latchkey-provider')

/**
 * Signs in at a provider in a new tab, so that nothing is lost here. Call it while the person clicks, because
 * browsers block other tabs. Waits until the new tab comes back.
 * @returns what the service takes as a proof. Only this tab has the verifier
 * @throws Refused
 */
export async function signInInTab(provider: string): Promise<{ code: string; code_verifier: string }> {
  const tab = open('about:blank')
  if (tab === null) throw new Refused('tab_blocked')
  const [state, verifier] = [OF_OTHER_TAB + randomText(), randomText()]
  tab.location.replace(await startAddress(provider, { screen: 'sign-in', state, verifier }))
  const code = await codeOf(state)
  if (code === undefined) throw new Refused('provider_not_confirmed')
  return { code, code_verifier: verifier }
}

const codeOf = (state: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    const listen = ({ data }: MessageEvent<Outcome>) => {
      if (data.state !== state) return
      tabs.removeEventListener('message', listen)
      resolve(data.code)
    }
    tabs.addEventListener('message', listen)
  })

/** Whether a provider sent the browser to this document for another tab. */
export const isForOtherTab: boolean = handOver()

/** Gives the outcome to the tab that waits for it, and closes this one. */
function handOver(): boolean {
  const query = new URLSearchParams(location.search)
  if (!isOfOtherTab(query)) return false
  const { state = '', code } = Object.fromEntries(query)
  history.replaceState(null, '', location.pathname)
  tabs.postMessage({ state, code } satisfies Outcome)
  close()
  return true
}
