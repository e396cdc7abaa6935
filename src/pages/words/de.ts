import { MAIL_LINK_MINUTES, OAUTH_FLOW_MINUTES, UNDO_EMAIL_DAYS, UNDO_PASSKEY_DAYS } from '../../core/lifetimes.ts'
import { germanEnrolFirst, germanSecondStep, germanSecurity, germanSignInPage } from './de-sign-in.ts'
import type { PageWordsAbout } from './words.ts'

const INCOMPLETE = 'Dieser Link ist unvollständig'
const USELESS = 'Dieser Link ist nicht mehr gültig'
const OPEN_WHOLE_LINK =
  'Öffnen Sie den Link in der E-Mail noch einmal, oder kopieren Sie den ganzen Link in die Adresszeile.'
const ONCE = `Jeder Link funktioniert nur einmal und ist ${MAIL_LINK_MINUTES} Minuten lang gültig.`
const NOTHING_THERE =
  'Nach einigen Minuten noch nichts angekommen? Sehen Sie im Spam-Ordner nach, und prüfen Sie die Schreibweise der Adresse.'

/** German, formal. */
export const germanPageWords: PageWordsAbout = ({ product, passwordMinLength }) => ({
  needsScript: 'Diese Seite benötigt JavaScript. Bitte aktivieren Sie es für diese Seite, und laden Sie sie neu.',
  email: 'E-Mail-Adresse',
  password: 'Passwort',
  newPassword: 'Neues Passwort',
  newPasswordHint: `Mindestens ${passwordMinLength} Zeichen. Mehrere Wörter ergeben ein gutes Passwort.`,
  showPassword: 'Passwort anzeigen',
  forgotPassword: 'Passwort vergessen',
  signInWith: 'Stattdessen mit {provider} anmelden',
  totp: 'Code aus Ihrer Authenticator-App',
  totpHint: 'Sechs Ziffern. Sie wechseln alle 30 Sekunden.',
  recoveryCode: 'Wiederherstellungscode',
  recoveryCodeHint: 'Groß- und Kleinschreibung und Striche spielen keine Rolle.',
  mailCode: 'Code aus der E-Mail',
  mailCodeHint: 'Acht Ziffern.',
  passkeyName: 'Bezeichnung',
  buttons: {
    cancel: 'Abbrechen',
    startAgain: 'Von vorn beginnen',
    useApp: 'Authenticator-App verwenden',
    useRecoveryCode: 'Einen Wiederherstellungscode verwenden',
    mailAgain: 'Code noch einmal senden',
    usePasskey: 'Mit einem Passkey anmelden',
    usePasskeyStep: 'Passkey oder Sicherheitsschlüssel verwenden',
    makePasskey: 'Stattdessen einen Passkey hinzufügen',
    mailCode: 'Code per E-Mail senden',
    enterCode: 'Code aus der E-Mail eingeben',
  },
  security: germanSecurity(product),
  messages: {
    rate_limited: 'Zu viele Versuche. Bitte versuchen Sie es {time} noch einmal.',
    invalid_credentials: 'Die E-Mail-Adresse oder das Passwort ist falsch.',
    account_suspended: `Dieses Konto ist gesperrt. Bitte wenden Sie sich an den Betreiber von ${product}.`,
    email_unverified:
      'Die E-Mail-Adresse dieses Kontos ist noch nicht bestätigt. Bitte öffnen Sie zuerst den Link in der Bestätigungs-E-Mail.',
    password_reset_required:
      'Dieses Passwort ist nicht mehr gültig. Bitte legen Sie zuerst über „Passwort vergessen“ ein neues fest.',
    provider_failed:
      'Diese Anmeldung hat nicht geklappt. Bitte versuchen Sie es noch einmal, oder verwenden Sie Ihr Passwort.',
    not_linked: `Das Konto, mit dem Sie sich angemeldet haben, ist mit keinem Konto bei ${product} verknüpft. Bitte verwenden Sie ein anderes oder Ihr Passwort.`,
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
    failed:
      'Das hat nicht geklappt: Der Dienst war nicht erreichbar, oder es ist ein Fehler aufgetreten. Bitte versuchen Sie es noch einmal.',
    missing: 'Bitte füllen Sie dieses Feld aus.',
    email_refused: 'Bitte geben Sie eine E-Mail-Adresse ein, zum Beispiel name@example.com.',
    password_too_short: `Bitte verwenden Sie mindestens ${passwordMinLength} Zeichen.`,
    totp_refused: 'Bitte geben Sie die sechs Ziffern ein, die Ihre App zeigt.',
    code_refused: 'Bitte geben Sie die sechs Ziffern ein, die die App jetzt zeigt.',
    mail_code_refused: 'Bitte geben Sie die Ziffern aus der E-Mail ein.',
    recovery_code_refused: 'Bitte geben Sie einen ganzen Wiederherstellungscode ein.',
    refused: 'Bitte wählen Sie etwas anderes. Der Grund (auf Englisch):',
  },
  notices: {
    totp_added: 'Ihre Authenticator-App ist eingerichtet.',
    passkey_added: 'Ihr neuer Passkey ist hinzugefügt.',
    passkey_named: 'Der neue Name ist gespeichert.',
    passkey_dropped: 'Er ist entfernt.',
    security_key_added: 'Ihr Sicherheitsschlüssel ist hinzugefügt.',
    totp_removed: 'Die Authenticator-App ist entfernt.',
    codes_made: 'Neue Wiederherstellungscodes sind erzeugt.',
    two_step_on: 'Die Anmeldung in zwei Schritten ist eingeschaltet.',
    two_step_off: 'Die Anmeldung in zwei Schritten ist ausgeschaltet.',
    reset_cancelled: 'Ihr zweiter Schritt bleibt, wie er ist.',
    copied: 'Die Codes sind kopiert.',
    not_copied: 'Die Codes konnten nicht kopiert werden. Bitte markieren Sie sie, oder laden Sie sie herunter.',
  },
  passwordReasons: {
    'must not contain your e-mail address, your name or the name of this service':
      'Bitte wählen Sie ein Passwort, das weder Ihre E-Mail-Adresse noch Ihren Namen noch den Namen dieses Dienstes enthält.',
    'must not be one of the most common passwords':
      'Dieses Passwort wird von vielen Menschen verwendet. Bitte wählen Sie ein anderes.',
    'must not be known from a data breach':
      'Dieses Passwort ist durch ein Datenleck bei einem anderen Dienst bekannt geworden. Bitte wählen Sie ein anderes.',
  },
  pages: {
    'verify-email': {
      ask: {
        heading: 'Bestätigen Sie Ihre E-Mail-Adresse',
        text: [
          `Mit Ihrer Adresse wurde ein Konto bei ${product} eröffnet. Wenn Sie das waren, bestätigen Sie bitte, dass die Adresse Ihnen gehört.`,
        ],
        action: 'Adresse bestätigen',
      },
      done: {
        heading: 'Ihre Adresse ist bestätigt',
        text: [`Sie können diese Seite schließen und in ${product} weitermachen.`],
      },
      invalid_token: {
        heading: USELESS,
        text: [
          'Wenn Sie Ihre Adresse schon bestätigt haben, müssen Sie nichts mehr tun.',
          `${ONCE} Geben Sie Ihre Adresse ein, um einen neuen Link zu erhalten.`,
        ],
        action: 'Neuen Link senden',
      },
      no_token: {
        heading: INCOMPLETE,
        text: [OPEN_WHOLE_LINK, 'Oder geben Sie Ihre Adresse ein, um einen neuen Link zu erhalten.'],
        action: 'Neuen Link senden',
      },
      sent: {
        heading: 'Prüfen Sie Ihr Postfach',
        text: [
          'Wenn es ein Konto mit dieser Adresse gibt, das noch nicht bestätigt ist, ist ein neuer Link unterwegs.',
          NOTHING_THERE,
        ],
      },
    },
    'confirm-email': {
      ask: {
        heading: 'Bestätigen Sie Ihre neue E-Mail-Adresse',
        text: [
          `Dies wird die neue Adresse Ihres Kontos bei ${product}. Wenn Sie das möchten, melden Sie sich zur Bestätigung noch einmal an. Verwenden Sie dafür die Adresse und das Passwort, die das Konto jetzt hat.`,
          'Wenn Sie das nicht möchten, schließen Sie diese Seite: Dann ändert sich nichts.',
        ],
        action: 'Neue Adresse bestätigen',
      },
      done: {
        heading: 'Ihre neue Adresse ist bestätigt',
        text: [`Melden Sie sich ab jetzt mit dieser Adresse bei ${product} an.`],
      },
      invalid_token: {
        heading: USELESS,
        text: [
          'Wenn Sie Ihre neue Adresse schon bestätigt haben, müssen Sie nichts mehr tun.',
          `${ONCE} Er gilt nur für das Konto, mit dem die Änderung angefordert wurde, und nur, solange die Sitzung, in der sie angefordert wurde, noch angemeldet ist.`,
          `Ändern Sie andernfalls die Adresse in ${product} noch einmal, um einen neuen Link zu erhalten.`,
        ],
      },
      no_token: {
        heading: INCOMPLETE,
        text: [OPEN_WHOLE_LINK],
      },
      ...germanSecondStep,
      enrol: germanEnrolFirst,
    },
    'undo-email': {
      ask: {
        heading: 'Änderung Ihrer E-Mail-Adresse rückgängig machen',
        text: [
          `Ihr Konto bei ${product} erhält seine alte Adresse zurück.`,
          'Jemand anders könnte Ihr Passwort kennen. Deshalb werden Sie auf allen Geräten abgemeldet, und das Passwort wird ungültig. Wir senden dann einen Link für ein neues Passwort an die alte Adresse.',
        ],
        action: 'Änderung rückgängig machen',
      },
      done: {
        heading: 'Die Änderung wurde rückgängig gemacht',
        text: [
          'Ihr Konto hat wieder die alte Adresse. Sie wurden auf allen Geräten abgemeldet, und das Passwort ist nicht mehr gültig.',
          'Eine E-Mail mit einem Link für ein neues Passwort ist an die alte Adresse unterwegs.',
        ],
      },
      invalid_token: {
        heading: USELESS,
        text: [
          'Wenn Sie die Änderung schon rückgängig gemacht haben, müssen Sie nur noch ein neues Passwort festlegen: Prüfen Sie Ihr Postfach.',
          `Jeder Link funktioniert nur einmal und ist ${UNDO_EMAIL_DAYS} Tage lang gültig. Wenn jemand anders die Adresse geändert hat und die Zeit abgelaufen ist, wenden Sie sich bitte an den Betreiber von ${product}.`,
        ],
      },
      no_token: {
        heading: INCOMPLETE,
        text: [OPEN_WHOLE_LINK],
      },
    },
    'undo-passkey': {
      ask: {
        heading: 'Neuen Passkey entfernen',
        text: [
          `Ihrem Konto bei ${product} wurde ein Passkey oder Sicherheitsschlüssel hinzugefügt. Wenn Sie das nicht waren, entfernen Sie ihn hier. Alle Geräte werden abgemeldet.`,
          'Wenn Sie das waren, schließen Sie diese Seite: Er bleibt.',
        ],
        action: 'Passkey entfernen',
      },
      done: {
        heading: 'Der Passkey ist entfernt',
        text: [
          'Er gilt nicht mehr für Ihr Konto, und alle Geräte wurden abgemeldet.',
          `Wer ihn hinzugefügt hat, war in Ihrem Konto angemeldet. Öffnen Sie ${product} selbst und wählen Sie „Passwort vergessen“, um ein neues Passwort festzulegen.`,
          'Wiederherstellungscodes, die mit ihm oder danach erstellt wurden, gelten nicht mehr. Wenn Ihrem Konto dann ein zweiter Schritt fehlt, richten Sie ihn bei der nächsten Anmeldung ein.',
        ],
      },
      invalid_token: {
        heading: 'Es gibt nichts zu entfernen',
        text: [
          `Der Passkey wurde schon entfernt, oder die ${UNDO_PASSKEY_DAYS} Tage sind vorbei.`,
          'Wenn die Zeit vorbei ist, können Sie den Passkey in den Einstellungen Ihres Kontos entfernen.',
        ],
      },
      no_token: {
        heading: INCOMPLETE,
        text: [OPEN_WHOLE_LINK],
      },
    },
    'keep-factors': {
      ask: {
        heading: 'Zweiten Schritt behalten',
        text: [
          `Die Betreiber von ${product} wurden gebeten, den zweiten Schritt Ihres Kontos zu entfernen. Wenn Sie nicht darum gebeten haben, brechen Sie das hier ab.`,
          'Wenn Sie darum gebeten haben, schließen Sie diese Seite: Ihr zweiter Schritt wird wie geplant entfernt.',
        ],
        action: 'Zweiten Schritt behalten',
      },
      done: {
        heading: 'Ihr zweiter Schritt bleibt',
        text: [
          'Von Ihrem Konto wird nichts entfernt.',
          `Vielleicht will jemand anders hinein. Wählen Sie bei ${product} ein neues Passwort, wenn Sie Ihres auch anderswo verwenden, und sagen Sie den Betreibern von ${product}, dass Sie nicht darum gebeten haben.`,
        ],
      },
      invalid_token: {
        heading: 'Es gibt nichts abzubrechen',
        text: [
          'Das Entfernen wurde schon abgebrochen, oder der zweite Schritt ist entfernt.',
          `Wenn er entfernt ist und Sie nicht darum gebeten haben, wenden Sie sich sofort an die Betreiber von ${product}.`,
        ],
      },
      no_token: {
        heading: INCOMPLETE,
        text: [OPEN_WHOLE_LINK],
      },
    },
    'reset-password': {
      ask: {
        heading: 'Wählen Sie ein neues Passwort',
        text: [`Dadurch werden Sie auf allen Geräten bei ${product} abgemeldet.`],
        action: 'Neues Passwort festlegen',
      },
      done: {
        heading: 'Ihr neues Passwort ist festgelegt',
        text: [
          `Sie wurden auf allen Geräten abgemeldet. Bitte melden Sie sich mit dem neuen Passwort bei ${product} an.`,
        ],
      },
      invalid_token: {
        heading: USELESS,
        text: [
          `${ONCE} Wenn Sie sich auch mit Ihrem neuen Passwort nicht anmelden können, fordern Sie einen neuen Link an.`,
        ],
        action: 'Neuen Link anfordern',
      },
      no_token: {
        heading: INCOMPLETE,
        text: [OPEN_WHOLE_LINK, 'Oder fordern Sie einen neuen Link an.'],
        action: 'Neuen Link anfordern',
      },
    },
    restore: {
      ask: {
        heading: 'Konto wiederherstellen',
        text: [
          `Ihr Konto bei ${product} wurde gelöscht, und seine Daten werden bald endgültig entfernt. Möchten Sie es zurückhaben?`,
        ],
        action: 'Konto wiederherstellen',
      },
      sign_in: {
        heading: 'Konto wiederherstellen',
        text: [
          `Wenn Sie Ihr Konto bei ${product} gelöscht haben und seine Daten noch nicht endgültig entfernt wurden, können Sie es mit E-Mail-Adresse und Passwort wiederherstellen.`,
        ],
        action: 'Konto wiederherstellen',
      },
      done: {
        heading: 'Ihr Konto ist wiederhergestellt',
        text: [`Ihre Daten bleiben erhalten. Melden Sie sich wie bisher bei ${product} an.`],
      },
      reset_required: {
        heading: 'Ihr Konto ist wiederhergestellt',
        text: [
          'Ihre Daten bleiben erhalten.',
          `Das alte Passwort ist nicht mehr gültig. Bitte legen Sie ein neues fest, bevor Sie sich bei ${product} anmelden.`,
        ],
        action: 'Neues Passwort wählen',
      },
      invalid_token: {
        heading: 'Das Konto wurde nicht wiederhergestellt',
        text: [
          'Der Link wurde schon verwendet oder ist abgelaufen, oder die Daten wurden endgültig entfernt.',
          'Wenn Sie nicht sicher sind, versuchen Sie es mit E-Mail-Adresse und Passwort.',
        ],
        action: 'Mit Passwort wiederherstellen',
      },
      not_deleted: {
        heading: 'Dieses Konto ist nicht gelöscht',
        text: [`Es gibt nichts wiederherzustellen. Melden Sie sich wie bisher bei ${product} an.`],
      },
    },
    'forgot-password': {
      ask: {
        heading: 'Passwort vergessen?',
        text: [
          `Geben Sie die Adresse Ihres Kontos bei ${product} ein. Wir senden Ihnen einen Link für ein neues Passwort.`,
        ],
        action: 'Link senden',
      },
      sent: {
        heading: 'Prüfen Sie Ihr Postfach',
        text: [
          `Wenn es ein Konto mit dieser Adresse gibt, ist ein Link unterwegs. Er funktioniert nur einmal und ist ${MAIL_LINK_MINUTES} Minuten lang gültig.`,
          NOTHING_THERE,
        ],
      },
    },
    'sign-in': germanSignInPage(product),
  },
  signInRefused: {
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
  },
})
