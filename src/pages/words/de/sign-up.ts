import { MAIL_LINK_MINUTES, TICKET_MINUTES } from '../../../core/lifetimes.ts'
import type { Subject } from '../../subject.ts'
import type { Words } from '../words-of-pages.ts'

const NOTHING_THERE =
  'Nach einigen Minuten noch nichts angekommen? Sehen Sie im Spam-Ordner nach, und prüfen Sie die Schreibweise der Adresse.'

export const germanSignUp = ({ product }: Subject): Words['signUp'] => ({
  lead: `Legen Sie Ihr Konto bei ${product} an.`,
  name: 'Name',
  nameHint: 'Sie können das Feld leer lassen.',
  action: 'Konto anlegen',
  withoutPassword: 'Ohne Passwort weiter',
  withProvider: 'Mit {value} registrieren',
  haveAccount: 'Sie haben schon ein Konto?',
  sent: {
    heading: 'Prüfen Sie Ihr Postfach',
    text: [
      'Eine E-Mail an {value} ist unterwegs. Öffnen Sie ihren Link, um die Adresse zu bestätigen, und machen Sie dann hier weiter.',
      NOTHING_THERE,
    ],
    action: 'Weiter',
    again: 'Link noch einmal senden',
    sentAgain: 'Eine weitere E-Mail ist unterwegs.',
    otherAddress: 'Andere Adresse verwenden',
  },
  mail: {
    text: [
      `Eine E-Mail an {value} ist unterwegs. Geben Sie ihren Code hier ein, oder öffnen Sie ihren Link in diesem Browser, jeweils innerhalb von ${TICKET_MINUTES['mail-sign-in']} Minuten.`,
      'Noch nichts da? Sehen Sie im Spam-Ordner nach, oder beginnen Sie neu, und prüfen Sie die Schreibweise der Adresse.',
    ],
    action: 'Weiter',
  },
  firstPasskey: {
    heading: 'Erstellen Sie Ihren Passkey',
    text: `Ihre Adresse ist bestätigt. Mit einem Passkey melden Sie sich bei ${product} ohne Passwort an: Die Sperre Ihres Telefons oder Rechners genügt.`,
    none: 'Ihre Adresse ist bestätigt. Dieser Browser hat keine Passkeys. Bitte wählen Sie ein Passwort.',
    action: 'Passkey erstellen',
    password: 'Stattdessen ein Passwort verwenden',
  },
})

export const germanDocuments = ({ product }: Subject): Words['documents'] => ({
  legend: 'Ihre Zustimmung',
  newTab: 'Die Links öffnen sich in einem neuen Tab.',
  agree: 'Ich stimme zu: {value}',
  required: 'Erforderlich.',
  optional: 'Freiwillig.',
  missing: {
    heading: 'Bevor es weitergeht',
    text: `${product} braucht Ihre Zustimmung zu Folgendem.`,
    action: 'Weiter',
  },
})

export const germanForgotPassword = ({ product }: Subject): Words['forgotPassword'] => ({
  lead: `Geben Sie die Adresse Ihres Kontos bei ${product} ein. Wir senden Ihnen einen Link für ein neues Passwort.`,
  action: 'Link senden',
  back: 'Zurück zur Anmeldung',
  sent: {
    heading: 'Prüfen Sie Ihr Postfach',
    text: [
      `Wenn es ein Konto mit dieser Adresse gibt, ist ein Link unterwegs. Er funktioniert nur einmal und ist ${MAIL_LINK_MINUTES} Minuten lang gültig.`,
      NOTHING_THERE,
    ],
  },
})

export const germanComingBack = ({ product }: Subject): Words['comingBack'] => ({
  heading: 'Anmelden und weiter zu {value}',
  lead: `Melden Sie sich bei ${product} an. Danach geht es zurück zur Anwendung.`,
  signUpLead: `Legen Sie Ihr Konto bei ${product} an. Danach geht es zurück zur Anwendung.`,
  continueHeading: 'Weiter zu {value}',
  signedInAs: `Sie sind bei ${product} als {value} angemeldet.`,
  signedIn: `Sie sind bei ${product} angemeldet.`,
  action: 'Weiter',
  otherAccount: 'Anderes Konto verwenden',
  giveUp: 'Nicht anmelden und zurückgehen',
  goingOn: 'Sie sind angemeldet. Es geht zurück zur Anwendung …',
  wrong: {
    heading: 'Dieser Link ist falsch',
    text: [
      'Dieser Dienst kennt die Anwendung nicht, von der Sie kommen, oder ihr Link ist unvollständig. Zu Ihrer Sicherheit führt diese Seite nicht zu ihr zurück.',
      `Bitte sagen Sie es dem Betreiber der Anwendung oder dem Betreiber von ${product}.`,
    ],
  },
})
