import type { ComponentType } from 'preact'
import { useState } from 'preact/hooks'
import { ErrorBoundary } from 'preact-iso/lazy'
import { LocationProvider, Route, Router } from 'preact-iso/router'
import { PAGES_PATH } from '../../../core/mail.ts'
import { addressOf, type ScreenName } from '../../screens.ts'
import { facts } from '../shared/facts.ts'
import { Problem } from '../shared/problem.tsx'
import { StepUpDialog } from '../shared/step-up-dialog.tsx'
import { Frame } from './frame.tsx'
import { screenPart } from './screen-part.tsx'
import { SignIn } from './sign-in.tsx'

/** The screens that are loaded when they are opened: all but the one for signing in. */
const loads: Readonly<Record<Exclude<ScreenName, 'sign-in'>, () => Promise<ComponentType>>> = {
  home: () => import('./home.tsx').then(({ Home }) => Home),
  profile: () => import('./profile.tsx').then(({ Profile }) => Profile),
  sessions: () => import('./sessions.tsx').then(({ Sessions }) => Sessions),
  identities: () => import('./identities.tsx').then(({ Identities }) => Identities),
  activity: () => import('./activity.tsx').then(({ Activity }) => Activity),
  consents: () => import('./consents.tsx').then(({ Consents }) => Consents),
  export: () => import('./export.tsx').then(({ Export }) => Export),
  delete: () => import('./delete.tsx').then(({ Delete }) => Delete),
  'sign-up': () => import('./sign-up.tsx').then(({ SignUp }) => SignUp),
  'forgot-password': () => import('./forgot-password.tsx').then(({ ForgotPassword }) => ForgotPassword),
  security: () => import('./security/security.tsx').then(({ Security }) => Security),
  'verify-email': () => import('./links/verify-email.tsx').then(({ VerifyEmail }) => VerifyEmail),
  'confirm-email': () => import('./links/confirm-email.tsx').then(({ ConfirmEmail }) => ConfirmEmail),
  'undo-email': () => import('./links/undo.tsx').then(({ UndoEmail }) => UndoEmail),
  'reset-password': () => import('./links/reset-password.tsx').then(({ ResetPassword }) => ResetPassword),
  restore: () => import('./links/restore.tsx').then(({ Restore }) => Restore),
  'keep-factors': () => import('./links/undo.tsx').then(({ KeepFactors }) => KeepFactors),
  'undo-passkey': () => import('./links/undo.tsx').then(({ UndoPasskey }) => UndoPasskey),
}

const componentOf = (screen: ScreenName): ComponentType =>
  screen === 'sign-in' ? SignIn : screenPart(screen, loads[screen])

/** The screens of this service, which its settings name. */
const screens = facts.screens.map((name) => ({ name, component: componentOf(name) }))

/** All of the pages. A screen that fails while it is drawn says so. */
export function App() {
  const [error, fail] = useState<unknown>()
  return (
    <LocationProvider scope={new RegExp(`^${PAGES_PATH}(?:[/?#]|$)`)}>
      <Frame>
        {error !== undefined && <Problem error={error} onAgain={() => location.reload()} />}
        <ErrorBoundary onError={fail}>
          <Router>
            {screens.map(({ name, component }) => (
              <Route key={name} path={addressOf(name)} component={component} />
            ))}
            <Route default component={SignIn} />
          </Router>
        </ErrorBoundary>
      </Frame>
      <StepUpDialog />
    </LocationProvider>
  )
}
