import type { Subject } from '../../subject.ts'
import type { AccountWords } from '../words-of-pages.ts'

export const germanHome = ({ product }: Subject): AccountWords['home'] => ({
  verified: 'Bestätigt',
  unverified: 'Nicht bestätigt',
  since: (date) => `Ihr Konto besteht seit dem ${date}.`,
  lastSignIn: (time) => `Letzte Anmeldung: ${time}.`,
  attention: 'Bitte beachten Sie',
  unproven:
    'Ihre E-Mail-Adresse ist noch nicht bestätigt. Ohne sie kommen Sie nicht mehr in Ihr Konto, wenn Sie Ihr Passwort vergessen. Öffnen Sie den Link in unserer E-Mail, oder lassen Sie ihn noch einmal senden.',
  resend: 'Link noch einmal senden',
  resent: 'Ein neuer Link ist unterwegs. Sehen Sie in Ihrem Posteingang und im Spam-Ordner nach.',
  twoStepDue: (date) =>
    `Ihr Konto braucht ab dem ${date} die Anmeldung in zwei Schritten. Bitte richten Sie sie vorher ein.`,
  fewCodes: (left) =>
    `Unbenutzte Wiederherstellungscodes: ${left}. Erzeugen Sie neue, damit Sie weiter in Ihr Konto kommen.`,
  reset: (date) =>
    `Ein Betreiber wurde gebeten, Ihren zweiten Schritt zu entfernen, und das geschieht am ${date}. Wenn Sie nicht darum gebeten haben, brechen Sie es jetzt ab.`,
  toSecurity: 'Zu „So melden Sie sich an“',
  everything: `Ihr Konto bei ${product}`,
  links: {
    profile: 'Ihr Name, Ihre E-Mail-Adresse und was Anwendungen über Sie wissen.',
    security: 'Passwort, Passkeys und die Anmeldung in zwei Schritten.',
    sessions: 'Wo Sie angemeldet sind und wie Sie sich dort abmelden.',
    identities: 'Konten anderer Dienste, mit denen Sie sich hier anmelden.',
    activity: 'Was in Ihrem Konto geschah, durch wen und wann.',
    consents: 'Worin Sie eingewilligt haben und wie Sie es ändern.',
    export: 'Eine Kopie von allem, was über Sie gespeichert ist.',
    delete: 'Das Konto schließen und seine Daten löschen lassen.',
  },
})
