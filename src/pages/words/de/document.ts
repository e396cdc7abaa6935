import { OAUTH_FLOW_MINUTES } from '../../../core/lifetimes.ts'
import type { DocumentWords } from '../../document-words.ts'

export const germanDocument = (product: string): DocumentWords => ({
  needsScript: 'Diese Seite braucht JavaScript. Bitte erlauben Sie es für diese Seite, und laden Sie neu.',
  notStarted: 'Diese Seite braucht länger als üblich. Wenn nichts geschieht, laden Sie sie bitte neu.',
  titles: {
    home: 'Ihr Konto',
    'sign-in': 'Anmelden',
    'sign-up': 'Konto anlegen',
    'forgot-password': 'Passwort vergessen?',
    'verify-email': 'Bestätigen Sie Ihre E-Mail-Adresse',
    'confirm-email': 'Bestätigen Sie Ihre neue E-Mail-Adresse',
    'undo-email': 'Änderung Ihrer E-Mail-Adresse rückgängig machen',
    'reset-password': 'Wählen Sie ein neues Passwort',
    restore: 'Konto wiederherstellen',
    'keep-factors': 'Zweiten Schritt behalten',
    'undo-passkey': 'Neuen Passkey entfernen',
    profile: 'Profil',
    security: 'So melden Sie sich an',
    sessions: 'Geräte',
    identities: 'Verknüpfte Konten',
    activity: 'Aktivität',
    consents: 'Einwilligungen',
    export: 'Ihre Daten',
    delete: 'Konto löschen',
  },
  refused: {
    invalid_state: {
      heading: 'Diese Anmeldung kann nicht fortgesetzt werden',
      text: [
        `Sie wurde nicht in diesem Browser begonnen, hat länger als ${OAUTH_FLOW_MINUTES} Minuten gedauert oder ist schon abgeschlossen.`,
        'Gehen Sie dorthin zurück, wo Sie sich anmelden wollten, und beginnen Sie noch einmal. Bitte verwenden Sie nur ein Fenster.',
      ],
    },
    other: {
      heading: 'Die Anmeldung hat nicht geklappt',
      text: [
        `Gehen Sie dorthin zurück, wo Sie sich anmelden wollten, und beginnen Sie noch einmal. Wenn das nicht hilft, senden Sie dem Betreiber von ${product} die Angaben unten.`,
      ],
    },
    back: 'Zurück zur Anwendung',
    backHere: 'Zurück',
  },
})
