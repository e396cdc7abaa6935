import { MAIL_LINK_MINUTES, UNDO_EMAIL_DAYS, UNDO_PASSKEY_DAYS } from '../../core/lifetimes.ts'
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
      code: 'Code',
      codesLeft: 'Übrige Wiederherstellungscodes',
      neededFrom: 'Nötig ab',
      removed: 'Entfernt',
      toBeRemoved: 'Wird entfernt',
      resetAt: 'Nicht vor',
    },
    factors: {
      totp: 'Authenticator-App',
      passkeys: 'Passkeys und Sicherheitsschlüssel',
      recovery_codes: 'Wiederherstellungscodes',
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
      'sign-in': {
        subject: `Anmelden bei ${product}`,
        heading: 'Mit dieser E-Mail anmelden',
        lead: 'Jemand möchte sich ohne Passwort bei Ihrem Konto anmelden. Geben Sie den Code auf der Seite ein, auf der Sie begonnen haben, oder öffnen Sie den Link im selben Browser.',
        advice: [
          'Waren Sie das, tun Sie es innerhalb von 10 Minuten. Geben Sie den Code niemandem, auch wenn jemand sagt, er arbeite für uns.',
          'Waren Sie das nicht, ignorieren Sie diese E-Mail: Ohne den Code kommt niemand hinein.',
        ],
        action: 'Anmelden',
        note: 'Code und Link gelten einmal, innerhalb von 10 Minuten, und nur in dem Browser, in dem Sie sie angefordert haben.',
      },
      'sign-up': {
        subject: `Ihr neues Konto bei ${product}`,
        heading: 'E-Mail-Adresse bestätigen',
        lead: `Jemand eröffnet mit dieser Adresse ein Konto bei ${product}. Geben Sie den Code auf der Seite ein, auf der Sie begonnen haben, oder öffnen Sie den Link im selben Browser.`,
        advice: [
          'Waren Sie das, tun Sie es innerhalb von 10 Minuten. Geben Sie den Code niemandem, auch wenn jemand sagt, er arbeite für uns.',
          'Waren Sie das nicht, ignorieren Sie diese E-Mail: Es wird kein Konto eröffnet, und Ihre Adresse wird nicht aufbewahrt.',
        ],
        action: 'Adresse bestätigen',
        note: 'Code und Link gelten einmal, innerhalb von 10 Minuten, und nur in dem Browser, in dem Sie sie angefordert haben.',
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
      'password-removed': {
        subject: `Ihr Passwort für ${product} wurde entfernt`,
        heading: 'Ihr Passwort wurde entfernt',
        lead: 'Ihr Konto hat kein Passwort mehr. Sie melden sich mit einem Passkey an.',
        advice: [
          'Wenn Sie das waren, müssen Sie nichts tun. Mit „Passwort vergessen“ können Sie jederzeit ein neues festlegen.',
          `Wenn nicht, ${newPassword} Entfernen Sie danach Passkeys, die Sie nicht kennen, in den Einstellungen Ihres Kontos.`,
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
        note: 'Auf der Seite melden Sie sich an.',
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
      'two-step-enabled': {
        subject: `Anmeldung in zwei Schritten bei ${product} ist eingeschaltet`,
        heading: 'Die Anmeldung in zwei Schritten ist eingeschaltet',
        lead: 'Ab jetzt ist zur Anmeldung bei Ihrem Konto ein zweiter Schritt nötig, zum Beispiel ein Code Ihrer Authenticator-App.',
        advice: [
          'Wenn Sie das waren, bewahren Sie Ihre Wiederherstellungscodes sicher auf. Ohne zweiten Schritt kommt niemand mehr hinein, auch nicht mit einem neuen Passwort.',
          `Wenn nicht, ${newPassword} Wenden Sie sich danach an die Betreiber von ${product}: Der zweite Schritt könnte jemand anderem gehören.`,
        ],
      },
      'two-step-disabled': {
        subject: `Anmeldung in zwei Schritten bei ${product} ist ausgeschaltet`,
        heading: 'Die Anmeldung in zwei Schritten ist ausgeschaltet',
        lead: 'Zur Anmeldung bei Ihrem Konto ist kein zweiter Schritt mehr nötig.',
        advice: [
          'Wenn Sie das waren, müssen Sie nichts tun.',
          `Wenn nicht, ${newPassword} Schalten Sie danach die Anmeldung in zwei Schritten wieder ein.`,
        ],
      },
      'totp-added': {
        subject: `Eine Authenticator-App für ${product} wurde hinzugefügt`,
        heading: 'Eine Authenticator-App wurde hinzugefügt',
        lead: 'Codes einer neuen Authenticator-App gelten jetzt als zweiter Schritt Ihres Kontos.',
        advice: [
          'Wenn Sie das waren, müssen Sie nichts tun.',
          `Wenn nicht, ${newPassword} Entfernen Sie danach die App in den Einstellungen Ihres Kontos.`,
        ],
      },
      'totp-replaced': {
        subject: `Ihre Authenticator-App für ${product} wurde ersetzt`,
        heading: 'Ihre Authenticator-App wurde ersetzt',
        lead: 'Codes einer neuen Authenticator-App gelten jetzt als zweiter Schritt Ihres Kontos. Codes der bisherigen gelten nicht mehr.',
        advice: [
          'Wenn Sie das waren, löschen Sie den alten Eintrag in Ihrer Authenticator-App.',
          `Wenn nicht, ${newPassword} Wenden Sie sich danach an die Betreiber von ${product}.`,
        ],
      },
      'totp-removed': {
        subject: `Ihre Authenticator-App für ${product} wurde entfernt`,
        heading: 'Ihre Authenticator-App wurde entfernt',
        lead: 'Codes Ihrer Authenticator-App gelten nicht mehr für Ihr Konto.',
        advice: [
          'Wenn Sie das waren, löschen Sie den Eintrag in Ihrer Authenticator-App.',
          `Wenn nicht, ${newPassword} Fügen Sie danach wieder eine Authenticator-App hinzu.`,
        ],
      },
      'passkey-added': {
        subject: `Ein Passkey für ${product} wurde hinzugefügt`,
        heading: 'Ein Passkey wurde hinzugefügt',
        lead: 'Ein neuer Passkey oder Sicherheitsschlüssel gilt jetzt für Ihr Konto.',
        advice: [
          'Wenn Sie das waren, müssen Sie nichts tun.',
          'Wenn nicht, entfernen Sie ihn jetzt. Alle Geräte werden abgemeldet. Wählen Sie danach ein neues Passwort.',
        ],
        action: 'Diesen Passkey entfernen',
        note: `Der Link funktioniert einmal, innerhalb von ${UNDO_PASSKEY_DAYS} Tagen.`,
      },
      'passkey-removed': {
        subject: `Ein Passkey für ${product} wurde entfernt`,
        heading: 'Ein Passkey wurde entfernt',
        lead: 'Ein Passkey oder Sicherheitsschlüssel gilt nicht mehr für Ihr Konto.',
        advice: [
          'Wenn Sie das waren, können Sie ihn auch auf Ihrem Gerät löschen.',
          `Wenn nicht, ${newPassword} Prüfen Sie danach die Passkeys in den Einstellungen Ihres Kontos.`,
        ],
      },
      'passkey-suspended': {
        subject: `Ein Passkey für ${product} wurde gesperrt`,
        heading: 'Ein Passkey wurde gesperrt',
        lead: 'Möglicherweise hat jemand eine Kopie eines Ihrer Passkeys oder Sicherheitsschlüssel. Er gilt nicht mehr für Ihr Konto, und die damit angemeldeten Geräte wurden abgemeldet.',
        advice: [
          'Wenn Sie eine Sicherung des Geräts wiederhergestellt haben, entfernen Sie den Passkey in den Einstellungen Ihres Kontos und fügen Sie ihn neu hinzu.',
          `Wenn nicht, hat ihn jemand anders: Entfernen Sie ihn in den Einstellungen Ihres Kontos, und ${newPassword}`,
        ],
      },
      'recovery-codes-made': {
        subject: `Neue Wiederherstellungscodes für ${product}`,
        heading: 'Neue Wiederherstellungscodes wurden erstellt',
        lead: 'Ihr Konto hat neue Wiederherstellungscodes. Frühere gelten nicht mehr.',
        advice: [
          'Wenn Sie das waren, bewahren Sie die neuen Codes sicher auf und werfen Sie die alten weg.',
          `Wenn nicht, ${newPassword} Erstellen Sie danach neue Wiederherstellungscodes.`,
        ],
      },
      'recovery-code-used': {
        subject: `Ein Wiederherstellungscode für ${product} wurde verwendet`,
        heading: 'Ein Wiederherstellungscode wurde verwendet',
        lead: 'Ein Wiederherstellungscode wurde als zweiter Schritt Ihres Kontos verwendet. Er gilt nicht noch einmal.',
        advice: [
          'Wenn Sie das waren, erstellen Sie neue Codes, bevor keiner mehr übrig ist.',
          `Wenn nicht, hat jemand einen Ihrer Codes: Öffnen Sie ${product} selbst und wählen Sie „Passwort vergessen“. Mit einem neuen Passwort werden alle Geräte abgemeldet. Erstellen Sie danach neue Wiederherstellungscodes.`,
        ],
      },
      'second-factor-failed': {
        subject: `Falsche Codes bei ${product}`,
        heading: 'Jemand hat falsche Codes für Ihr Konto eingegeben',
        lead: 'Für den zweiten Schritt Ihres Kontos wurden falsche Codes eingegeben, deshalb werden Codes Ihrer Authenticator-App eine Zeit lang nicht angenommen. Wer sie eingegeben hat, kannte Ihr Passwort oder konnte sich auf einem anderen Weg in Ihrem Namen anmelden.',
        advice: [
          'Wenn Sie das waren, warten Sie etwas und versuchen Sie es erneut, oder verwenden Sie einen Wiederherstellungscode.',
          `Wenn nicht, ist Ihr Konto noch sicher, aber Ihr Passwort nicht: ${newPassword}`,
        ],
      },
      'two-step-due': {
        subject: `Ihr Konto bei ${product} braucht einen zweiten Schritt`,
        heading: 'Ihr Konto braucht einen zweiten Schritt',
        lead: `${product} verlangt bei der Anmeldung einen zweiten Schritt, zum Beispiel einen Code einer Authenticator-App.`,
        advice: [
          `Öffnen Sie ${product} selbst, und fügen Sie in den Einstellungen Ihres Kontos eine Authenticator-App hinzu.`,
          'Wenn Sie das nicht tun, werden Sie bei der Anmeldung nach dem unten genannten Zeitpunkt dazu aufgefordert.',
        ],
      },
      'enrolment-code': {
        subject: `Ihr Code für ${product}`,
        heading: 'Ihr Code für den zweiten Schritt',
        lead: 'Zu Ihrem Konto wird ein zweiter Schritt hinzugefügt. Geben Sie zum Abschluss diesen Code auf der Seite ein, auf der Sie begonnen haben.',
        advice: [
          'Wenn Sie das waren, geben Sie den Code innerhalb von 15 Minuten ein. Geben Sie ihn niemals weiter, auch nicht an jemanden, der angeblich für uns arbeitet.',
          `Wenn nicht, kennt jemand Ihr Passwort: ${newPassword}`,
        ],
      },
      'factor-reset-requested': {
        subject: `Ihr zweiter Schritt bei ${product} wird zurückgesetzt`,
        heading: 'Ihr zweiter Schritt wird zurückgesetzt',
        lead: `Die Betreiber von ${product} wurden gebeten, den zweiten Schritt Ihres Kontos zu entfernen. Das geschieht zum unten genannten Zeitpunkt, und alle Geräte werden abgemeldet.`,
        advice: [
          'Wenn Sie darum gebeten haben, müssen Sie nichts tun. Melden Sie sich danach an und fügen Sie einen neuen zweiten Schritt hinzu.',
          'Wenn nicht, will jemand anders in Ihr Konto gelangen: Behalten Sie Ihren zweiten Schritt.',
        ],
        action: 'Zweiten Schritt behalten',
        note: 'Der Link funktioniert, bis der zweite Schritt zurückgesetzt ist.',
      },
      'factors-reset': {
        subject: `Der zweite Schritt Ihres Kontos bei ${product} wurde zurückgesetzt`,
        heading: 'Der zweite Schritt Ihres Kontos wurde zurückgesetzt',
        lead: `Die Betreiber von ${product} haben das unten Genannte von Ihrem Konto entfernt, und alle Geräte wurden abgemeldet.`,
        advice: [
          'Wenn Sie darum gebeten haben, melden Sie sich mit Ihrem Passwort an und fügen Sie einen neuen zweiten Schritt hinzu.',
          `Wenn nicht, wenden Sie sich sofort an die Betreiber von ${product}, und ${newPassword}`,
        ],
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
