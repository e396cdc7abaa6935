import type { Subject } from '../../subject.ts'
import type { Words } from '../words-of-pages.ts'

export const germanMessages = ({ product, passwordMinLength }: Subject): Words['messages'] => ({
  rate_limited: 'Zu viele Versuche. Bitte versuchen Sie es {time} noch einmal.',
  invalid_credentials: 'Die E-Mail-Adresse oder das Passwort ist falsch.',
  account_suspended: `Dieses Konto ist gesperrt. Bitte wenden Sie sich an den Betreiber von ${product}.`,
  email_taken:
    'Mit dieser Adresse gibt es schon ein Konto. Bitte melden Sie sich an. Dort können Sie auch ein neues Passwort wählen.',
  not_confirmed: 'Die Adresse ist noch nicht bestätigt. Bitte öffnen Sie zuerst den Link in der E-Mail.',
  email_unverified: 'Die E-Mail-Adresse dieses Kontos ist noch nicht bestätigt. Bitte bestätigen Sie sie zuerst.',
  password_reset_required:
    'Dieses Passwort ist nicht mehr gültig. Bitte legen Sie zuerst über „Passwort vergessen“ ein neues fest.',
  provider_failed:
    'Diese Anmeldung hat nicht geklappt. Bitte versuchen Sie es noch einmal, oder verwenden Sie Ihr Passwort.',
  provider_not_confirmed:
    'Das hat nicht geklappt. Bitte melden Sie sich dort mit dem Konto an, das hier verknüpft ist.',
  tab_blocked: 'Ihr Browser hat den neuen Tab nicht geöffnet. Bitte erlauben Sie es, und versuchen Sie es noch einmal.',
  not_linked: `Das Konto, mit dem Sie sich angemeldet haben, ist mit keinem Konto bei ${product} verknüpft. Bitte verwenden Sie ein anderes oder Ihr Passwort, oder legen Sie ein Konto an.`,
  second_factor_required: `Dieses Konto hat keinen zweiten Schritt, der funktioniert. Bitte wenden Sie sich an den Betreiber von ${product}.`,
  invalid_second_factor:
    'Dieser Code ist falsch oder wurde schon benutzt. Warten Sie auf den nächsten, und prüfen Sie die Uhr Ihres Geräts.',
  invalid_mail_code:
    'Der Code aus der E-Mail ist falsch. Bitte prüfen Sie ihn, oder lassen Sie ihn noch einmal senden.',
  mail_code_wrong:
    'Dieser Code ist falsch, wurde schon verwendet oder ist zu alt. Bitte prüfen Sie ihn, oder beginnen Sie neu.',
  mail_codes_used_up:
    'Zu viele Codes. Bitte öffnen Sie den Link in der E-Mail, und zwar in diesem Browser, oder versuchen Sie es {time} noch einmal.',
  passkey_failed:
    'Das hat mit diesem Browser oder Gerät nicht geklappt. Bitte versuchen Sie es noch einmal, oder wählen Sie einen anderen Weg.',
  passkey_refused:
    'Dieser Passkey wurde nicht angenommen. Bitte beginnen Sie mit einem anderen neu, oder wählen Sie einen anderen Weg.',
  passkey_removed:
    'Dieser Passkey wurde aus dem Konto entfernt und meldet niemanden mehr an. Bitte wählen Sie einen anderen Weg.',
  passkey_known: 'Dieses Gerät hat schon einen Passkey Ihres Kontos.',
  passkey_limit: 'Mehr Passkeys kann Ihr Konto nicht haben. Entfernen Sie einen, den Sie nicht brauchen.',
  last_credential: 'Nur damit können Sie sich anmelden. Fügen Sie zuerst etwas anderes hinzu.',
  took_too_long: 'Das hat zu lange gedauert. Bitte beginnen Sie von vorn.',
  factor_required:
    'Die Anmeldung in zwei Schritten braucht das. Schalten Sie sie zuerst aus, wenn Ihr Konto ohne sie auskommen darf.',
  no_factor: 'Fügen Sie zuerst eine Authenticator-App oder einen Sicherheitsschlüssel hinzu.',
  factor_enrolment_required:
    'Ihr Konto braucht inzwischen einen zweiten Schritt. Melden Sie sich ab, und fügen Sie ihn bei der nächsten Anmeldung hinzu.',
  step_up_required: 'Nichts wurde geändert, weil Sie nicht bestätigt haben, dass Sie es sind.',
  password_needed:
    'Um Ihr Passwort zu entfernen, brauchen Sie zwei Passkeys oder einen Passkey und einen Wiederherstellungscode.',
  wrong_password: 'Dieses Passwort ist falsch.',
  two_step_required: 'Ihr Konto braucht die Anmeldung in zwei Schritten, darum lässt sie sich nicht ausschalten.',
  failed:
    'Das hat nicht geklappt: Der Dienst war nicht erreichbar, oder es ist ein Fehler aufgetreten. Bitte versuchen Sie es noch einmal.',
  missing: 'Bitte füllen Sie dieses Feld aus.',
  unticked: 'Bitte setzen Sie hier ein Häkchen, damit es weitergeht.',
  documents_changed:
    'Die Dokumente haben sich inzwischen geändert. Bitte laden Sie diese Seite neu, und sehen Sie sie noch einmal an.',
  email_refused: 'Bitte geben Sie eine E-Mail-Adresse ein, zum Beispiel name@example.com.',
  password_too_short: `Bitte verwenden Sie mindestens ${passwordMinLength} Zeichen.`,
  totp_refused: 'Bitte geben Sie die sechs Ziffern ein, die Ihre App zeigt.',
  code_refused: 'Bitte geben Sie die sechs Ziffern ein, die die App jetzt zeigt.',
  mail_code_refused: 'Bitte geben Sie die Ziffern aus der E-Mail ein.',
  recovery_code_refused: 'Bitte geben Sie einen ganzen Wiederherstellungscode ein.',
  refused: 'Bitte wählen Sie etwas anderes. Der Grund (auf Englisch):',
  new_email_refused: 'Bitte geben Sie eine andere E-Mail-Adresse ein als Ihre jetzige, zum Beispiel name@example.com.',
  full_name_refused: 'Bitte verwenden Sie höchstens 200 Zeichen.',
  phone_number_refused: 'Bitte geben Sie die Nummer mit Ländervorwahl ein, zum Beispiel +49\u00A0151\u00A012345678.',
  bio_refused: 'Bitte verwenden Sie höchstens 2.000 Zeichen.',
  number_refused: 'Bitte geben Sie eine Zahl ein.',
  preferences_refused: 'Diese Einstellungen sind zu lang zum Speichern.',
  profile_changed: 'Ihr Profil wurde inzwischen anderswo geändert. Bitte prüfen Sie es, und speichern Sie noch einmal.',
  confirmation_refused: 'Das ist nicht die E-Mail-Adresse des Kontos.',
  last_admin: 'Sie sind der einzige Betreiber dieses Dienstes. Machen Sie zuerst jemand anderen zum Betreiber.',
  proof_not_published:
    'Dieser Eintrag steht noch nicht im öffentlichen Protokoll. Bitte versuchen Sie es {time} noch einmal.',
  no_proof: 'Zu diesem Eintrag gibt es keinen Nachweis.',
  offline: 'Sie sind offenbar nicht mit dem Internet verbunden. Bitte versuchen Sie es später noch einmal.',
  part_gone:
    'Ein Teil dieser Seite ließ sich nicht laden, vielleicht weil es eine neue Fassung gibt. Bitte laden Sie die Seite neu.',
  slow: 'Das dauert länger als üblich …',
  not_signed_out:
    'Sie sind hier noch angemeldet, weil der Dienst nicht geantwortet hat. Bitte melden Sie sich noch einmal ab.',
  signed_out: 'Sie wurden abgemeldet. Bitte melden Sie sich noch einmal an.',
})

export const germanPasswordReasons: Words['passwordReasons'] = {
  'must not contain your e-mail address, your name or the name of this service':
    'Bitte wählen Sie ein Passwort, das weder Ihre E-Mail-Adresse noch Ihren Namen noch den Namen dieses Dienstes enthält.',
  'must not be one of the most common passwords':
    'Dieses Passwort wird von vielen Menschen verwendet. Bitte wählen Sie ein anderes.',
  'must not be known from a data breach':
    'Dieses Passwort ist durch ein Datenleck bei einem anderen Dienst bekannt geworden. Bitte wählen Sie ein anderes.',
}
