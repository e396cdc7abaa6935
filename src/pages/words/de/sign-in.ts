import type { Subject } from '../subject.ts'
import type { Words } from '../words-of-pages.ts'

export const germanSignIn = ({ product }: Subject): Words['signIn'] => ({
  lead: `Melden Sie sich bei Ihrem Konto bei ${product} an.`,
  action: 'Anmelden',
  forgotPassword: 'Passwort vergessen',
})

export const germanSecondStep: Words['secondStep'] = {
  heading: 'Geben Sie Ihren Code ein',
  lead: 'Noch ein Schritt: Öffnen Sie Ihre Authenticator-App, und geben Sie die sechs Ziffern ein, die sie zeigt.',
  action: 'Weiter',
}
