import { MAIL_LINK_MINUTES, UNDO_EMAIL_DAYS } from '../../core/lifetimes.ts'
import type { MailLanguage } from './words.ts'

const LINK_LIFE = `Der Link gilt einmal und ${MAIL_LINK_MINUTES} Minuten lang.`

/** German, formal. */
export const germanMailWords = (product: string): MailLanguage => {
  const newPassword = `öffnen Sie ${product} selbst und wählen Sie „Passwort vergessen“. Ein neues Passwort beendet alle Sitzungen.`
  return {
    dateLocale: 'de-DE',
    labels: {
      when: 'Zeit',
      device: 'Gerät',
      place: 'Ungefährer Ort',
      provider: 'Anbieter',
      unlinked: 'Meldet nicht mehr bei Ihrem Konto an',
      stillLinked: 'Meldet weiterhin bei Ihrem Konto an',
      unknown: 'nicht bekannt',
      restoreUntil: 'Wiederherstellbar bis',
      suspendedUntil: 'Gesperrt bis',
      heldBack: 'Nicht gesendete E-Mails',
      noEnd: 'ohne festgelegtes Ende',
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
          'Wenn nicht, ignorieren Sie diese E-Mail und öffnen Sie den Link nicht.',
        ],
        action: 'Adresse bestätigen',
        note: LINK_LIFE,
      },
      'reset-password': {
        subject: `Neues Passwort für ${product} festlegen`,
        heading: 'Neues Passwort festlegen',
        lead: `Für Ihr Konto bei ${product} wurde ein neues Passwort angefordert.`,
        advice: [
          'Wenn Sie das waren, legen Sie es jetzt fest. Das beendet alle Sitzungen.',
          'Wenn nicht, ignorieren Sie diese E-Mail: Ihr Passwort bleibt, wie es ist.',
        ],
        action: 'Neues Passwort festlegen',
        note: LINK_LIFE,
      },
      'confirm-email': {
        subject: `Bestätigen Sie Ihre neue E-Mail-Adresse für ${product}`,
        heading: 'Bestätigen Sie Ihre neue E-Mail-Adresse',
        lead: `Diese Adresse soll zu einem Konto bei ${product} gehören.`,
        advice: [
          'Wenn Sie das möchten, bestätigen Sie, dass die Adresse Ihnen gehört.',
          'Wenn nicht, ignorieren Sie diese E-Mail: Es ändert sich nichts.',
        ],
        action: 'Neue Adresse bestätigen',
        note: LINK_LIFE,
      },
      'email-changed': {
        subject: `Ihre E-Mail-Adresse bei ${product} wurde geändert`,
        heading: 'Ihre E-Mail-Adresse wurde geändert',
        lead: `Ihr Konto bei ${product} hat jetzt eine andere E-Mail-Adresse. Mit dieser können Sie sich nicht mehr anmelden.`,
        advice: [
          'Wenn Sie das waren, müssen Sie nichts tun.',
          'Wenn nicht, machen Sie die Änderung jetzt rückgängig und wählen Sie danach „Passwort vergessen“: Jemand könnte Ihr Passwort kennen.',
        ],
        action: 'Änderung rückgängig machen',
        note: `Der Link gilt einmal und ${UNDO_EMAIL_DAYS} Tage lang.`,
      },
      'already-registered': {
        subject: `Sie haben bereits ein Konto bei ${product}`,
        heading: 'Sie haben bereits ein Konto',
        lead: 'Jemand wollte mit dieser Adresse ein Konto eröffnen. Es gibt schon eines, deshalb wurde nichts geändert.',
        advice: [
          'Wenn Sie das waren, melden Sie sich wie gewohnt an. Falls Sie Ihr Passwort vergessen haben, legen Sie ein neues fest.',
          'Wenn nicht, ignorieren Sie diese E-Mail. Dass es das Konto gibt, hat niemand erfahren.',
        ],
        action: 'Neues Passwort festlegen',
        note: LINK_LIFE,
      },
      'new-device': {
        subject: `Neue Anmeldung bei ${product}`,
        heading: 'Neue Anmeldung bei Ihrem Konto',
        lead: 'Ihr Konto wurde mit einem Gerät benutzt, das wir noch nicht kannten.',
        advice: ['Wenn Sie das waren, müssen Sie nichts tun.', `Wenn nicht, ${newPassword}`],
      },
      'password-changed': {
        subject: `Ihr Passwort für ${product} wurde geändert`,
        heading: 'Ihr Passwort wurde geändert',
        lead: 'Ihr Passwort wurde geändert, und alle anderen Sitzungen wurden beendet.',
        advice: ['Wenn Sie das waren, müssen Sie nichts tun.', `Wenn nicht, ${newPassword}`],
      },
      'password-reset': {
        subject: `Ihr Passwort für ${product} wurde zurückgesetzt`,
        heading: 'Ihr Passwort wurde zurückgesetzt',
        lead: 'Mit einem Link an diese Adresse wurde ein neues Passwort festgelegt, und alle Sitzungen wurden beendet.',
        advice: [
          'Wenn Sie das waren, melden Sie sich mit dem neuen Passwort an.',
          `Wenn nicht, kann jemand anders Ihre E-Mails lesen. Ändern Sie zuerst das Passwort Ihres Postfachs, dann ${newPassword}`,
        ],
      },
      'identity-linked': {
        subject: `Ein neuer Weg, sich bei ${product} anzumelden`,
        heading: 'Ein anderes Konto wurde mit Ihrem verknüpft',
        lead: 'Ihr Konto kann jetzt mit einer Anmeldung bei dem unten genannten Anbieter benutzt werden.',
        advice: [
          'Wenn Sie das waren, müssen Sie nichts tun.',
          `Wenn nicht, ${newPassword} Entfernen Sie danach die Verknüpfung in den Einstellungen Ihres Kontos.`,
        ],
      },
      'identity-unlinked': {
        subject: `Ein Weg, sich bei ${product} anzumelden, wurde entfernt`,
        heading: 'Ein anderes Konto ist nicht mehr mit Ihrem verknüpft',
        lead: 'Ihr Konto kann nicht mehr mit einer Anmeldung bei dem unten genannten Anbieter benutzt werden.',
        advice: ['Wenn Sie das waren, müssen Sie nichts tun.', `Wenn nicht, ${newPassword}`],
      },
      'account-deleted': {
        subject: `Ihr Konto bei ${product} wurde gelöscht`,
        heading: 'Ihr Konto wurde gelöscht',
        lead: 'Ihr Konto wurde gelöscht, und alle Sitzungen wurden beendet. Nach der unten genannten Zeit werden alle seine Daten vernichtet.',
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
        lead: 'Für Ihr Konto wurde ein neues Passwort angefordert. Das Konto wurde aber gelöscht, und seine Daten werden bald vernichtet.',
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
        lead: `Die Betreiber von ${product} haben Ihr Konto gesperrt. Sie können sich nicht anmelden, und alle Sitzungen wurden beendet.`,
        advice: [
          'Wenn die Sperre endet, melden Sie sich an wie gewohnt. Ihre Daten bleiben bis dahin erhalten.',
          `Wenn Sie nicht wissen, warum, oder es für einen Irrtum halten, fragen Sie die Betreiber von ${product}.`,
        ],
      },
      'suspension-ended': {
        subject: `Ihr Konto bei ${product} ist nicht mehr gesperrt`,
        heading: 'Ihr Konto ist nicht mehr gesperrt',
        lead: 'Die Sperre Ihres Kontos ist zu Ende. Sie können sich wieder anmelden.',
        advice: ['Melden Sie sich an wie gewohnt.', `Wenn Sie Ihr Passwort vergessen haben, ${newPassword}`],
      },
      'notices-held-back': {
        subject: `In Ihrem Konto bei ${product} ist mehr geschehen`,
        heading: 'In Ihrem Konto ist mehr geschehen',
        lead: 'In Ihrem Konto ist innerhalb einer Stunde so viel geschehen, dass wir nicht zu jedem Ereignis eine E-Mail gesendet haben.',
        advice: [
          'Die Liste der Aktivitäten in Ihrem Konto zeigt alles. Wenn Sie das alles waren, müssen Sie nichts tun.',
          `Wenn nicht, ${newPassword}`,
        ],
      },
      'session-reuse': {
        subject: `Eine Sitzung bei ${product} wurde beendet`,
        heading: 'Wir haben eine Ihrer Sitzungen beendet',
        lead: 'Ein bereits benutzter Schlüssel dieser Sitzung wurde noch einmal benutzt. Die Sitzung könnte kopiert worden sein.',
        advice: [
          'Melden Sie sich neu an, um fortzufahren.',
          `Wenn Sie das Gerät nicht kennen oder das wieder geschieht, ${newPassword} Prüfen Sie dann Ihre eigenen Geräte auf Schadsoftware.`,
        ],
      },
    },
  }
}
