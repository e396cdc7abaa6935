import type { Subject } from '../../subject.ts'
import type { Words } from '../words-of-pages.ts'

export const germanCommon = ({ product, passwordMinLength }: Subject): Words['common'] => ({
  email: 'E-Mail-Adresse',
  password: 'Passwort',
  newPassword: 'Neues Passwort',
  newPasswordHint: `Mindestens ${passwordMinLength} Zeichen. Mehrere Wörter ergeben ein gutes Passwort.`,
  showPassword: 'Passwort anzeigen',
  totp: 'Code aus Ihrer Authenticator-App',
  totpHint: 'Sechs Ziffern. Sie wechseln alle 30 Sekunden.',
  recoveryCode: 'Wiederherstellungscode',
  recoveryCodeHint: 'Groß- und Kleinschreibung und Striche spielen keine Rolle.',
  mailCode: 'Code aus der E-Mail',
  mailCodeHint: 'Acht Ziffern.',
  cancel: 'Abbrechen',
  save: 'Speichern',
  startAgain: 'Von vorn beginnen',
  again: 'Noch einmal versuchen',
  openAnew: 'Seite neu laden',
  loading: 'Einen Moment …',
  signOut: 'Abmelden',
  openMenu: 'Menü',
  menu: `Ihr Konto bei ${product}`,
})
