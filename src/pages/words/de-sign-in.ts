import { TICKET_MINUTES } from '../../core/lifetimes.ts'
import type { SecurityWords, SignInViews } from './sign-in-words.ts'
import type { SecondStepViews } from './words.ts'

const LOST_ALL =
  'Wenn Sie sowohl den zweiten Schritt als auch die Wiederherstellungscodes verlieren, kann Sie niemand anmelden: Weder ein neues Passwort noch eine E-Mail ersetzt sie.'
const SCAN =
  'Scannen Sie den QR-Code mit einer Authenticator-App, oder geben Sie den Schlüssel dort ein. Die App zeigt dann sechs Ziffern.'

export const germanSecondStep: SecondStepViews = {
  passkey_step: {
    heading: 'Verwenden Sie Ihren Passkey oder Sicherheitsschlüssel',
    text: ['Noch ein Schritt: Bestätigen Sie mit Ihrem Passkey, oder berühren Sie Ihren Sicherheitsschlüssel.'],
    action: 'Bestätigen',
  },
  second_step: {
    heading: 'Geben Sie Ihren Code ein',
    text: ['Noch ein Schritt: Öffnen Sie Ihre Authenticator-App, und geben Sie die sechs Ziffern ein, die sie zeigt.'],
    action: 'Weiter',
  },
  recovery_code: {
    heading: 'Geben Sie einen Wiederherstellungscode ein',
    text: ['Geben Sie einen der Wiederherstellungscodes ein, die Sie aufbewahrt haben. Jeder Code gilt einmal.'],
    action: 'Diesen Code verwenden',
  },
  enrol: {
    heading: 'Ein zweiter Schritt ist nötig',
    text: [
      'Ihr Konto muss sich mit einem zweiten Schritt anmelden und hat noch keinen. Das Einrichten dauert eine Minute. Sie brauchen dafür eine Authenticator-App auf Ihrem Telefon oder Rechner.',
      'Zuerst senden wir einen Code an Ihre E-Mail-Adresse.',
    ],
    action: 'Code senden',
  },
}

export const germanEnrolFirst: SecondStepViews['enrol'] = {
  heading: 'Ein zweiter Schritt ist nötig',
  text: [
    'Ihr Konto muss sich mit einem zweiten Schritt anmelden und hat noch keinen. Bitte melden Sie sich einmal an, um ihn einzurichten, und öffnen Sie dann den Link in der E-Mail noch einmal.',
  ],
  action: 'Anmelden',
}

/** @param product the name of the service */
export const germanSignInPage = (product: string): SignInViews => ({
  ...germanSecondStep,
  ask: {
    heading: 'Anmelden',
    text: [`Melden Sie sich bei Ihrem Konto bei ${product} an, um zu sehen und zu ändern, wie Sie sich anmelden.`],
    action: 'Anmelden',
  },
  mail_code: {
    heading: 'Prüfen Sie Ihr Postfach',
    text: [
      `Wenn es ein Konto mit dieser Adresse gibt, ist eine E-Mail unterwegs. Geben Sie ihren Code hier ein, oder öffnen Sie ihren Link in diesem Browser, jeweils innerhalb von ${TICKET_MINUTES['mail-sign-in']} Minuten.`,
      'Nichts da? Sehen Sie im Spam-Ordner nach, oder beginnen Sie neu, und prüfen Sie die Schreibweise der Adresse.',
    ],
    action: 'Anmelden',
  },
  sign_in_by_link: {
    heading: 'Mit diesem Link anmelden',
    text: [`Dieser Browser hat den Link angefordert. Er meldet Sie einmal bei Ihrem Konto bei ${product} an.`],
    action: 'Anmelden',
  },
  open_elsewhere: {
    heading: 'Gehen Sie dorthin zurück, wo Sie begonnen haben',
    text: [
      'Ein anderer Browser oder ein anderes Gerät hat diese E-Mail angefordert, oder sie ist zu alt.',
      'Geben Sie dort, wo Sie begonnen haben, den Code aus der E-Mail ein.',
    ],
  },
  restore_offer: {
    heading: 'Ihr Konto ist gelöscht',
    text: [
      `Sie haben Ihr Konto bei ${product} gelöscht, und seine Daten werden bald endgültig entfernt. Möchten Sie es zurückhaben?`,
    ],
    action: 'Mein Konto wiederherstellen',
  },
  enrol_totp: {
    heading: 'Richten Sie Ihren zweiten Schritt ein',
    text: [SCAN, 'Geben Sie sowohl den Code aus der E-Mail als auch die sechs Ziffern ein.'],
    action: 'Abschließen',
  },
  enrol_by_link: {
    heading: 'Einen zweiten Schritt einrichten',
    text: [
      `Diesen Link haben Sie von einem Betreiber von ${product}. Fügen Sie Ihrem Konto eine Authenticator-App hinzu, und melden Sie sich dann an.`,
    ],
    action: 'Beginnen',
  },
  invalid_token: {
    heading: 'Dieser Link funktioniert nicht mehr',
    text: [
      'Er wurde schon verwendet oder ist zu alt. Wenn ein Betreiber ihn gesendet hat, bitten Sie um einen neuen. Sonst beginnen Sie bitte noch einmal.',
    ],
    action: 'Zur Anmeldung',
  },
  link_totp: { heading: 'Richten Sie Ihren zweiten Schritt ein', text: [SCAN], action: 'Abschließen' },
  security: {
    heading: 'Wie Sie sich anmelden',
    text: [`Alles, womit Sie sich bei Ihrem Konto bei ${product} anmelden können.`],
  },
  add_totp: {
    heading: 'Eine Authenticator-App einrichten',
    text: [SCAN, 'Sie ersetzt eine App, die Sie früher eingerichtet haben. Auf anderen Geräten werden Sie abgemeldet.'],
    action: 'App bestätigen',
  },
  codes: {
    heading: 'Bewahren Sie Ihre Wiederherstellungscodes auf',
    text: [
      'Mit ihnen melden Sie sich an, wenn Sie Ihre Authenticator-App oder Ihren Sicherheitsschlüssel nicht zur Hand haben. Jeder gilt einmal. Bewahren Sie sie so auf, dass Sie sie auch ohne Ihr Telefon finden. Sie werden nur jetzt gezeigt.',
      LOST_ALL,
    ],
    action: 'Ich habe sie aufbewahrt',
  },
  remove_totp: {
    heading: 'Die Authenticator-App entfernen?',
    text: ['Ihre Codes gelten dann nicht mehr.'],
    action: 'App entfernen',
  },
  new_codes: {
    heading: 'Neue Wiederherstellungscodes erzeugen?',
    text: ['Alle Wiederherstellungscodes, die Sie jetzt haben, werden ungültig.'],
    action: 'Neue Codes erzeugen',
  },
  two_step_off: {
    heading: 'Anmeldung in zwei Schritten ausschalten?',
    text: ['Ihr Passwort allein genügt dann zum Anmelden.'],
    action: 'Ausschalten',
  },
  rename_passkey: {
    heading: 'Wählen Sie eine Bezeichnung',
    text: ['Daran erkennen Sie später, welcher es ist.'],
    action: 'Bezeichnung speichern',
  },
  remove_passkey: {
    heading: 'Entfernen?',
    text: ['Er meldet Sie dann nicht mehr an, weder hier noch auf den Geräten, die ihn haben.'],
    action: 'Entfernen',
  },
  step_up_password: {
    heading: 'Sind das noch Sie?',
    text: ['Bitte geben Sie vor dieser Änderung Ihr Passwort noch einmal ein.'],
    action: 'Bestätigen',
  },
  step_up_code: {
    heading: 'Sind das noch Sie?',
    text: [
      'Bitte geben Sie vor dieser Änderung einen Code Ihrer Authenticator-App ein. Wenn Sie sie nicht haben, melden Sie sich mit einem Wiederherstellungscode neu an.',
    ],
    action: 'Bestätigen',
  },
  step_up_passkey: {
    heading: 'Sind das noch Sie?',
    text: ['Bitte bestätigen Sie vor dieser Änderung mit Ihrem Passkey oder Sicherheitsschlüssel.'],
    action: 'Bestätigen',
  },
  step_up_mail: {
    heading: 'Sind das noch Sie?',
    text: ['Vor dieser Änderung senden wir einen Code an Ihre E-Mail-Adresse.'],
    action: 'Code senden',
  },
  step_up_mail_code: {
    heading: 'Sind das noch Sie?',
    text: ['Ein Code ist an Ihre E-Mail-Adresse unterwegs.'],
    action: 'Bestätigen',
  },
  signed_out: {
    heading: 'Sie sind abgemeldet',
    text: ['Bitte melden Sie sich noch einmal an, um weiterzumachen.'],
    action: 'Neu anmelden',
  },
})

/** @param product the name of the service */
export const germanSecurity = (product: string): SecurityWords => ({
  qrCode: 'QR-Code mit dem Schlüssel für Ihre Authenticator-App',
  secret: 'Schlüssel',
  openApp: 'In einer App auf diesem Gerät öffnen',
  copyCodes: 'Codes kopieren',
  downloadCodes: 'Codes herunterladen',
  codesFile: 'wiederherstellungscodes.txt',
  codesFileHeading: `Wiederherstellungscodes für ${product}. Jeder gilt einmal.`,
  reset: {
    heading: 'Ihr zweiter Schritt wird entfernt',
    due: 'Ein Betreiber wurde gebeten, Ihren zweiten Schritt zu entfernen, und das geschieht am {value}. Wenn Sie nicht darum gebeten haben, brechen Sie es ab, und ändern Sie Ihr Passwort.',
    cancel: 'Entfernen abbrechen',
  },
  usedCode:
    'Sie haben sich mit einem Wiederherstellungscode angemeldet. Unbenutzte Codes: {value}. Wenn Ihre App verloren ist, ersetzen Sie sie jetzt, und erzeugen Sie neue Codes.',
  password: {
    heading: 'Passwort und Konten',
    set: 'Ihr Konto hat ein Passwort.',
    changed: 'Es wurde zuletzt am {value} geändert.',
    unset: 'Ihr Konto hat kein Passwort.',
    change: 'Ein neues Passwort wählen',
    providers: 'Sie können sich auch mit {value} anmelden.',
  },
  twoStep: {
    heading: 'Anmeldung in zwei Schritten',
    on: 'Eingeschaltet: Ihr Passwort allein genügt nicht.',
    since: 'Seit dem {value}.',
    off: 'Ausgeschaltet.',
    due: 'Ihr Konto braucht sie ab dem {value}.',
    how: 'Fügen Sie eine Authenticator-App oder einen Sicherheitsschlüssel hinzu, um sie einzuschalten.',
    turnOn: 'Einschalten',
    turnOff: 'Ausschalten',
  },
  passkeys: {
    heading: 'Passkeys und Sicherheitsschlüssel',
    about:
      'Mit einem Passkey melden Sie sich ohne Passwort an: Die Sperre Ihres Telefons oder Rechners genügt. Ein Sicherheitsschlüssel ist ein zweiter Schritt nach dem Passwort.',
    unset: 'Sie haben noch keinen.',
    passkey: 'Ein Passkey',
    key: 'Ein Sicherheitsschlüssel',
    provider: 'Aufbewahrt von {value}.',
    added: 'Hinzugefügt am {value}.',
    used: 'Zuletzt verwendet am {value}.',
    unused: 'Noch nicht verwendet.',
    synced: 'Auch auf Ihren anderen Geräten.',
    secondFactorOnly: 'Nur für den zweiten Schritt.',
    suspended: 'Gesperrt, denn er könnte kopiert worden sein. Entfernen Sie ihn, und fügen Sie ihn neu hinzu.',
    otherDomain: 'Für eine andere Adresse dieses Dienstes gemacht, darum gilt er hier nicht.',
    rename: 'Umbenennen',
    remove: 'Entfernen',
    add: 'Passkey hinzufügen',
    addKey: 'Sicherheitsschlüssel hinzufügen',
  },
  app: {
    heading: 'Authenticator-App',
    added: 'Hinzugefügt am {value}.',
    unset: 'Noch keine.',
    add: 'App hinzufügen',
    replace: 'App ersetzen',
    remove: 'App entfernen',
  },
  codes: {
    heading: 'Wiederherstellungscodes',
    left: 'Unbenutzte Codes: {value}.',
    made: 'Erzeugt am {value}.',
    unset: 'Keine. Sie erhalten sie, wenn Sie eine Authenticator-App oder einen Sicherheitsschlüssel hinzufügen.',
    make: 'Neue Codes erzeugen',
  },
  signOut: 'Abmelden',
})
