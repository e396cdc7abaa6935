import { MAIL_LINK_MINUTES, UNDO_EMAIL_DAYS } from '../../core/lifetimes.ts'
import type { MailLanguage } from './words.ts'

const LINK_LIFE = `Der Link funktioniert nur einmal und ist ${MAIL_LINK_MINUTES} Minuten lang gültig.`

/** German, formal. */
export const germanMailWords = (product: string): MailLanguage => {
  const newPassword = `öffnen Sie ${product} selbst und wählen Sie „Passwort vergessen“. Mit einem neuen Passwort werden alle Geräte abgemeldet.`
  return {
    dateLocale: 'de-DE',
    labels: {
      when: 'Zeit',
      device: 'Gerät',
      place: 'Ungefährer Ort',
      provider: 'Anbieter',
      unlinked: 'Anmeldung nicht mehr möglich mit',
      stillLinked: 'Anmeldung weiterhin möglich mit',
      unknown: 'unbekannt',
      restoreUntil: 'Wiederherstellbar bis',
      suspendedUntil: 'Gesperrt bis',
      heldBack: 'Nicht gesendete E-Mails',
      noEnd: 'kein Enddatum',
    },
    linkAsText: 'Falls die Schaltfläche nicht funktioniert, kopieren Sie diese Adresse in Ihren Browser:',
    footer: `Automatisch gesendet von ${product}. Wir fragen nie per E-Mail nach Ihrem Passwort.`,
    mails: {
      'verify-email': {
        subject: `Bestätigen Sie Ihre E-Mail-Adresse für ${product}`,
        heading: 'Bestätigen Sie Ihre E-Mail-Adresse',
        lead: `Mit dieser Adresse wurde ein Konto bei ${product} eröffnet.`,
        advice: [
          'Wenn Sie es eröffnet haben, bestätigen Sie, dass die Adresse Ihnen gehört.',
          'Wenn nicht, ignorieren Sie diese E-Mail, und öffnen Sie den Link nicht.',
        ],
        action: 'Adresse bestätigen',
        note: LINK_LIFE,
      },
      'reset-password': {
        subject: `Neues Passwort für ${product} festlegen`,
        heading: 'Neues Passwort festlegen',
        lead: `Für Ihr Konto bei ${product} wurde ein neues Passwort angefordert.`,
        advice: [
          'Wenn Sie das waren, legen Sie es jetzt fest. Dadurch werden Sie auf allen Geräten abgemeldet.',
          'Wenn nicht, ignorieren Sie diese E-Mail: Ihr Passwort bleibt, wie es ist.',
        ],
        action: 'Neues Passwort festlegen',
        note: LINK_LIFE,
      },
      'confirm-email': {
        subject: `Bestätigen Sie Ihre neue E-Mail-Adresse für ${product}`,
        heading: 'Bestätigen Sie Ihre neue E-Mail-Adresse',
        lead: `Jemand möchte diese Adresse für ein Konto bei ${product} verwenden.`,
        advice: [
          'Wenn Sie das sind, bestätigen Sie, dass die Adresse Ihnen gehört.',
          'Wenn nicht, ignorieren Sie diese E-Mail: Es ändert sich nichts.',
        ],
        action: 'Neue Adresse bestätigen',
        note: LINK_LIFE,
      },
      'email-changed': {
        subject: `Ihre E-Mail-Adresse bei ${product} wurde geändert`,
        heading: 'Ihre E-Mail-Adresse wurde geändert',
        lead: `Ihr Konto bei ${product} hat jetzt eine andere E-Mail-Adresse. Mit dieser Adresse können Sie sich nicht mehr anmelden.`,
        advice: [
          'Wenn Sie das waren, müssen Sie nichts tun.',
          'Wenn nicht, machen Sie die Änderung jetzt rückgängig, und wählen Sie danach „Passwort vergessen“: Jemand anders könnte Ihr Passwort kennen.',
        ],
        action: 'Änderung rückgängig machen',
        note: `Der Link funktioniert nur einmal und ist ${UNDO_EMAIL_DAYS} Tage lang gültig.`,
      },
      'already-registered': {
        subject: `Sie haben bereits ein Konto bei ${product}`,
        heading: 'Sie haben bereits ein Konto',
        lead: 'Jemand wollte mit dieser Adresse ein Konto eröffnen. Es gibt aber schon eines, deshalb wurde nichts geändert.',
        advice: [
          'Wenn Sie das waren, melden Sie sich wie gewohnt an. Falls Sie Ihr Passwort vergessen haben, legen Sie ein neues fest.',
          'Wenn nicht, ignorieren Sie diese E-Mail. Die andere Person hat nicht erfahren, dass es das Konto gibt.',
        ],
        action: 'Neues Passwort festlegen',
        note: LINK_LIFE,
      },
      'new-device': {
        subject: `Neue Anmeldung bei ${product}`,
        heading: 'Neue Anmeldung bei Ihrem Konto',
        lead: 'Ihr Konto wurde auf einem Gerät verwendet, das wir noch nicht kennen.',
        advice: ['Wenn Sie das waren, müssen Sie nichts tun.', `Wenn nicht, ${newPassword}`],
      },
      'password-changed': {
        subject: `Ihr Passwort für ${product} wurde geändert`,
        heading: 'Ihr Passwort wurde geändert',
        lead: 'Ihr Passwort wurde geändert, und alle anderen Geräte wurden abgemeldet.',
        advice: ['Wenn Sie das waren, müssen Sie nichts tun.', `Wenn nicht, ${newPassword}`],
      },
      'password-reset': {
        subject: `Ihr Passwort für ${product} wurde zurückgesetzt`,
        heading: 'Ihr Passwort wurde zurückgesetzt',
        lead: 'Über einen Link an diese Adresse wurde ein neues Passwort festgelegt, und alle Geräte wurden abgemeldet.',
        advice: [
          'Wenn Sie das waren, melden Sie sich mit dem neuen Passwort an.',
          `Wenn nicht, kann jemand anders Ihre E-Mails lesen. Ändern Sie zuerst das Passwort Ihres Postfachs, dann ${newPassword}`,
        ],
      },
      'identity-linked': {
        subject: `Neue Anmeldemöglichkeit für ${product}`,
        heading: 'Ihr Konto hat eine neue Anmeldemöglichkeit',
        lead: 'Sie können sich jetzt über den unten genannten Anbieter bei Ihrem Konto anmelden.',
        advice: [
          'Wenn Sie das waren, müssen Sie nichts tun.',
          `Wenn nicht, ${newPassword} Entfernen Sie danach den Anbieter in den Einstellungen Ihres Kontos.`,
        ],
      },
      'identity-unlinked': {
        subject: `Eine Anmeldemöglichkeit für ${product} wurde entfernt`,
        heading: 'Eine Anmeldemöglichkeit Ihres Kontos wurde entfernt',
        lead: 'Sie können sich nicht mehr über den unten genannten Anbieter bei Ihrem Konto anmelden.',
        advice: ['Wenn Sie das waren, müssen Sie nichts tun.', `Wenn nicht, ${newPassword}`],
      },
      'account-deleted': {
        subject: `Ihr Konto bei ${product} wurde gelöscht`,
        heading: 'Ihr Konto wurde gelöscht',
        lead: 'Ihr Konto wurde gelöscht, und alle Geräte wurden abgemeldet. Nach dem unten genannten Zeitpunkt werden alle seine Daten endgültig entfernt.',
        advice: [
          'Wenn Sie das möchten, müssen Sie nichts tun.',
          'Wenn Sie es sich anders überlegen oder das nicht Sie waren, stellen Sie das Konto wieder her. Wenn das nicht Sie waren, wählen Sie danach auch „Passwort vergessen“.',
        ],
        action: 'Konto wiederherstellen',
        note: 'Die Seite fragt nach Ihrer E-Mail-Adresse und Ihrem Passwort.',
      },
      restore: {
        subject: `Ihr Konto bei ${product} wiederherstellen`,
        heading: 'Ihr Konto wiederherstellen',
        lead: 'Für Ihr Konto wurde ein neues Passwort angefordert. Das Konto wurde aber gelöscht, und seine Daten werden bald endgültig entfernt.',
        advice: [
          'Wenn Sie es zurückhaben möchten, stellen Sie es zuerst wieder her. Danach können Sie ein neues Passwort festlegen.',
          'Wenn nicht, ignorieren Sie diese E-Mail: Das Konto bleibt gelöscht.',
        ],
        action: 'Konto wiederherstellen',
        note: LINK_LIFE,
      },
      'account-restored': {
        subject: `Ihr Konto bei ${product} wurde wiederhergestellt`,
        heading: 'Ihr Konto wurde wiederhergestellt',
        lead: 'Ihr gelöschtes Konto wurde wiederhergestellt. Seine Daten bleiben erhalten.',
        advice: ['Wenn Sie das waren, müssen Sie nichts tun.', `Wenn nicht, ${newPassword}`],
      },
      'account-suspended': {
        subject: `Ihr Konto bei ${product} wurde gesperrt`,
        heading: 'Ihr Konto wurde gesperrt',
        lead: `Die Betreiber von ${product} haben Ihr Konto gesperrt. Sie wurden überall abgemeldet und können sich nicht mehr anmelden.`,
        advice: [
          'Wenn die Sperre endet, melden Sie sich wie gewohnt an. Ihre Daten bleiben bis dahin erhalten.',
          `Wenn Sie den Grund nicht kennen oder die Sperre für einen Irrtum halten, wenden Sie sich bitte an die Betreiber von ${product}.`,
        ],
      },
      'suspension-ended': {
        subject: `Ihr Konto bei ${product} ist nicht mehr gesperrt`,
        heading: 'Ihr Konto ist nicht mehr gesperrt',
        lead: 'Die Sperre Ihres Kontos ist zu Ende. Sie können sich wieder anmelden.',
        advice: ['Melden Sie sich wie gewohnt an.', `Wenn Sie Ihr Passwort vergessen haben, ${newPassword}`],
      },
      'notices-held-back': {
        subject: `Weitere Aktivitäten in Ihrem Konto bei ${product}`,
        heading: 'Weitere Aktivitäten in Ihrem Konto',
        lead: 'In Ihrem Konto gab es innerhalb einer Stunde so viele Aktivitäten, dass wir nicht zu jeder eine E-Mail gesendet haben.',
        advice: [
          'Ihr Konto zeigt eine Liste aller Aktivitäten. Wenn Sie das alles waren, müssen Sie nichts tun.',
          `Wenn nicht, ${newPassword}`,
        ],
      },
      'session-reuse': {
        subject: `Eine Sitzung bei ${product} wurde beendet`,
        heading: 'Wir haben eine Ihrer Sitzungen beendet',
        lead: 'Ein Schlüssel dieser Sitzung wurde ein zweites Mal verwendet, obwohl er nur einmal gültig ist. Jemand könnte die Sitzung kopiert haben.',
        advice: [
          'Melden Sie sich erneut an, um fortzufahren.',
          `Wenn Sie das Gerät nicht kennen oder wenn das noch einmal geschieht, ${newPassword} Prüfen Sie dann Ihre eigenen Geräte auf Schadsoftware.`,
        ],
      },
    },
  }
}
