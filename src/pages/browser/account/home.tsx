import type { Me } from '../../../client/api.ts'
import { addressOf, ownScreens } from '../../screens.ts'
import { accountWords } from '../shared/account-words.ts'
import { facts } from '../shared/facts.ts'
import { Initials } from '../shared/initials.tsx'
import { Loaded } from '../shared/loaded.tsx'
import { Screen } from '../shared/screen.tsx'
import { SignedIn } from '../shared/signed-in.tsx'
import { useAnswer } from '../shared/use-answer.ts'
import { dateOf, timeOf, words } from '../shared/words.ts'
import { Attention } from './attention.tsx'

/** What a person sees first: who they are, what needs attention, and ways to everything. */
export const Home = () => (
  <SignedIn screen="home">
    <Screen heading={words().titles.home}>
      <Loaded answer={useAnswer('getMe')}>{(me) => <Overview me={me} />}</Loaded>
      <Ways />
    </Screen>
  </SignedIn>
)

const Overview = ({ me }: { readonly me: Me }) => (
  <>
    <Who me={me} />
    <Attention me={me} />
  </>
)

function Who({ me: { email, is_verified, profile, created_at, last_login_at } }: { readonly me: Me }) {
  const { verified, unverified, since, lastSignIn } = accountWords.home
  return (
    <div class="who">
      <Initials name={profile.full_name ?? email} />
      <div>
        {profile.full_name !== null && <p class="chosen">{profile.full_name}</p>}
        <p>
          {email} <span class={is_verified ? 'badge' : 'badge wrong'}>{is_verified ? verified : unverified}</span>
        </p>
        <p class="hint">
          {since(dateOf(created_at))} {last_login_at !== null && lastSignIn(timeOf(last_login_at))}
        </p>
      </div>
    </div>
  )
}

const Ways = () => (
  <ul class="tiles">
    {ownScreens
      .filter((screen) => screen !== 'home')
      .filter((screen) => facts.screens.includes(screen))
      .map((screen) => (
        <li key={screen}>
          <a href={addressOf(screen)}>{words().titles[screen]}</a>
          <p class="hint">{accountWords.home.links[screen]}</p>
        </li>
      ))}
  </ul>
)
