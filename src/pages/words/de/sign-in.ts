import { TICKET_MINUTES } from '../../../core/lifetimes.ts'
import type { Subject } from '../../subject.ts'
import type { Words } from '../words-of-pages.ts'

export const germanSignIn = ({ product }: Subject): Words['signIn'] => ({
  lead: `Melden Sie sich bei ${product} an.`,
  action: 'Anmelden',
  forgotPassword: 'Passwort vergessen',
  usePasskey: 'Mit einem Passkey anmelden',
  mailCode: 'Code per E-Mail senden',
  enterCode: 'Code aus der E-Mail eingeben',
  signInWith: 'Mit {provider} anmelden',
  noAccount: 'Noch kein Konto?',
  signUp: 'Konto anlegen',
  timeNearlyOver: 'Für diesen Schritt bleibt weniger als eine Minute. Danach können Sie neu beginnen.',
  mail: {
    heading: 'Prüfen Sie Ihr Postfach',
    text: [
      `Wenn es ein Konto mit dieser Adresse gibt, ist eine E-Mail unterwegs. Geben Sie ihren Code hier ein, oder öffnen Sie ihren Link in diesem Browser, jeweils innerhalb von ${TICKET_MINUTES['mail-sign-in']} Minuten.`,
      'Nichts da? Sehen Sie im Spam-Ordner nach, oder beginnen Sie neu, und prüfen Sie die Schreibweise der Adresse.',
    ],
    action: 'Anmelden',
    again: 'Code noch einmal senden',
    sentAgain: 'Eine weitere E-Mail ist unterwegs. Ihr Code ersetzt den vorigen.',
  },
  mailLink: {
    heading: 'Weiter mit diesem Link',
    text: [`Sie haben diesen Link in diesem Browser bei ${product} angefordert. Er funktioniert einmal.`],
    action: 'Weiter',
  },
  elsewhere: {
    heading: 'Gehen Sie dorthin zurück, wo Sie begonnen haben',
    text: [
      'Ein anderer Browser oder ein anderes Gerät hat diese E-Mail angefordert, oder sie ist zu alt.',
      'Geben Sie dort, wo Sie begonnen haben, den Code aus der E-Mail ein.',
    ],
    action: 'Stattdessen hier anmelden',
  },
  restore: {
    heading: 'Ihr Konto ist gelöscht',
    text: `Sie haben Ihr Konto bei ${product} gelöscht, und seine Daten werden am {value} endgültig entfernt. Möchten Sie es zurückhaben?`,
    action: 'Mein Konto wiederherstellen',
  },
  uselessLink: {
    heading: 'Dieser Link funktioniert nicht mehr',
    text: 'Er wurde schon verwendet oder ist zu alt. Wenn ein Betreiber ihn gesendet hat, bitten Sie um einen neuen. Sonst beginnen Sie bitte noch einmal.',
    action: 'Zur Anmeldung',
  },
})

export const germanSecondStep = ({ product }: Subject): Words['secondStep'] => ({
  passkey: {
    heading: 'Verwenden Sie Ihren Passkey oder Sicherheitsschlüssel',
    lead: 'Noch ein Schritt: Bestätigen Sie mit Ihrem Passkey, oder berühren Sie Ihren Sicherheitsschlüssel.',
    action: 'Bestätigen',
    use: 'Passkey oder Sicherheitsschlüssel verwenden',
  },
  totp: {
    heading: 'Geben Sie Ihren Code ein',
    lead: 'Noch ein Schritt: Öffnen Sie Ihre Authenticator-App, und geben Sie die sechs Ziffern ein, die sie zeigt.',
    action: 'Weiter',
    use: 'Authenticator-App verwenden',
  },
  recovery_code: {
    heading: 'Geben Sie einen Wiederherstellungs\u00ADcode ein',
    lead: 'Geben Sie einen der Wiederherstellungscodes ein, die Sie aufbewahrt haben. Jeder Code gilt einmal.',
    action: 'Diesen Code verwenden',
    use: 'Einen Wiederherstellungscode verwenden',
  },
  usedCode: {
    text: 'Sie haben sich mit einem Wiederherstellungscode angemeldet. Unbenutzte Codes: {value}. Wenn Ihre App verloren ist, ersetzen Sie sie jetzt, und erzeugen Sie neue Codes.',
    heading: 'Sie haben einen Wiederherstellungs\u00ADcode verwendet',
    action: 'Weiter',
    toSecurity: 'Zu „So melden Sie sich an“',
  },
  enrol: {
    heading: 'Ein zweiter Schritt ist nötig',
    text: [
      'Ihr Konto muss sich mit einem zweiten Schritt anmelden und hat noch keinen. Das Einrichten dauert eine Minute. Sie brauchen dafür eine Authenticator-App auf Ihrem Telefon oder Rechner.',
      'Zuerst senden wir einen Code an Ihre E-Mail-Adresse.',
    ],
    action: 'Code senden',
  },
  enrolByLink: {
    heading: 'Einen zweiten Schritt einrichten',
    text: [
      `Diesen Link haben Sie von einem Betreiber von ${product}. Fügen Sie Ihrem Konto eine Authenticator-App hinzu, und melden Sie sich dann an.`,
    ],
    action: 'Beginnen',
  },
  addApp: {
    heading: 'Richten Sie Ihren zweiten Schritt ein',
    both: 'Geben Sie sowohl den Code aus der E-Mail als auch die sechs Ziffern ein.',
    action: 'Abschließen',
  },
  withPasskey: 'Stattdessen einen Passkey verwenden',
  withSecurityKey: 'Stattdessen einen Sicherheitsschlüssel verwenden',
  addPasskey: {
    heading: 'Richten Sie Ihren zweiten Schritt ein',
    text: 'Ihr Browser bittet Sie, den Passkey zu erstellen oder den Sicherheitsschlüssel zu berühren.',
    withCode:
      'Geben Sie den Code aus der E-Mail ein. Ihr Browser bittet Sie dann, den Passkey zu erstellen oder den Sicherheitsschlüssel zu berühren.',
    action: 'Abschließen',
  },
  mailAgain: 'Code noch einmal senden',
  mailedAgain: 'Eine weitere E-Mail mit dem Code ist unterwegs.',
})
