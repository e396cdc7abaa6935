import type { Words } from '../words-of-pages.ts'

export const germanStepUp: Words['stepUp'] = {
  heading: 'Sind das noch Sie?',
  password: 'Bitte geben Sie vor dieser Änderung Ihr Passwort noch einmal ein.',
  totp: 'Bitte geben Sie vor dieser Änderung einen Code Ihrer Authenticator-App ein. Wenn Sie sie nicht haben, melden Sie sich mit einem Wiederherstellungscode neu an.',
  passkey: 'Bitte bestätigen Sie vor dieser Änderung mit Ihrem Passkey oder Sicherheitsschlüssel.',
  mail: 'Vor dieser Änderung senden wir einen Code an Ihre E-Mail-Adresse.',
  mailSent: 'Ein Code ist an Ihre E-Mail-Adresse unterwegs.',
  rose: 'Ihr Konto braucht inzwischen einen zweiten Schritt, Ihr Passwort allein genügt also nicht.',
  none: 'Nichts, was Sie eingerichtet haben, kann diese Änderung hier bestätigen. Bitte melden Sie sich neu an, und machen Sie die Änderung innerhalb von fünf Minuten.',
  provider:
    'Bitte melden Sie sich vor dieser Änderung noch einmal dort an, wo Sie es immer tun. Dafür öffnet sich ein neuer Tab, und hier geht nichts verloren.',
  inOtherTab: 'Bitte melden Sie sich im neuen Tab an, und kommen Sie dann hierher zurück.',
  action: 'Bestätigen',
  sendCode: 'Code senden',
  mailAgain: 'Code noch einmal senden',
  usePassword: 'Passwort verwenden',
  useTotp: 'Authenticator-App verwenden',
  usePasskey: 'Passkey oder Sicherheitsschlüssel verwenden',
  useMail: 'Code per E-Mail senden',
  useProvider: 'Neu anmelden mit {value}',
  otherTab: 'Sie können diesen Tab schließen',
  otherTabLead: 'Bitte gehen Sie zurück zu dem Tab, aus dem Sie kamen.',
  signInAgain: 'Neu anmelden',
}
