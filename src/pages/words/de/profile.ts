import { MAIL_LINK_MINUTES, UNDO_EMAIL_DAYS } from '../../../core/lifetimes.ts'
import type { AccountWords } from '../words-of-pages.ts'

export const germanProfile: AccountWords['profile'] = {
  lead: 'Anwendungen, bei denen Sie sich mit diesem Konto anmelden, können diese Angaben sehen.',
  fields: {
    full_name: 'Name',
    phone_number: 'Telefonnummer',
    bio: 'Über Sie',
  },
  phoneHint: 'Mit Ländervorwahl, zum Beispiel +49\u00A0151\u00A012345678.',
  preferences: 'Einstellungen',
  preferencesLead: 'Anwendungen bewahren diese Einstellungen in Ihrem Profil auf.',
  fixed: 'Lässt sich nur in der Anwendung ändern:',
  saved: 'Ihr Profil ist gespeichert.',
  unchanged: 'Es gab nichts zu speichern.',
  changed: {
    heading: 'Ihr Profil wurde anderswo geändert',
    text: 'Das geschah, während Sie schrieben. Was Sie geschrieben haben, steht noch hier. Prüfen Sie es, und speichern Sie noch einmal.',
    isNow: (field, value) => `${field} ist jetzt „${value}“.`,
    isEmpty: (field) => `${field} ist jetzt leer.`,
  },
  address: {
    heading: 'E-Mail-Adresse',
    current: (address) => `Ihre Adresse ist ${address}.`,
    field: 'Neue E-Mail-Adresse',
    hint: `Wir senden einen Link an die neue Adresse, der ${MAIL_LINK_MINUTES} Minuten lang gilt. Bis Sie ihn öffnen, ändert sich nichts.`,
    action: 'Adresse ändern',
    sent: (address) =>
      `Wenn ${address} verwendet werden kann, ist ein Link dorthin unterwegs. Öffnen Sie ihn innerhalb von ${MAIL_LINK_MINUTES} Minuten, und bleiben Sie so lange hier angemeldet.`,
    undo: `Sobald eine neue Adresse bestätigt ist, bekommt die alte eine E-Mail mit einem Link, der die Änderung rückgängig macht. Der Link gilt ${UNDO_EMAIL_DAYS} Tage lang.`,
  },
}
