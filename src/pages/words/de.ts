import { MAIL_LINK_MINUTES, OAUTH_FLOW_MINUTES, UNDO_EMAIL_DAYS } from '../../core/lifetimes.ts'
import type { PageWordsAbout } from './words.ts'

const INCOMPLETE = 'Dieser Link ist unvollständig'
const USELESS = 'Dieser Link gilt nicht mehr'
const OPEN_WHOLE_LINK = 'Öffnen Sie den Link aus der E-Mail noch einmal, oder kopieren Sie ihn ganz in die Adresszeile.'
const ONCE = `Solche Links gelten einmal und ${MAIL_LINK_MINUTES} Minuten lang.`
const NOTHING_THERE =
  'Ist nach einigen Minuten nichts da? Sehen Sie bei den unerwünschten E-Mails nach, und prüfen Sie die Schreibweise der Adresse.'

/** German, formal. */
export const germanPageWords: PageWordsAbout = ({ product, passwordMinLength }) => ({
  needsScript: 'Diese Seite braucht JavaScript. Schalten Sie es für diese Seite ein, und laden Sie sie neu.',
  email: 'E-Mail-Adresse',
  password: 'Passwort',
  newPassword: 'Neues Passwort',
  newPasswordHint: `Mindestens ${passwordMinLength} Zeichen. Mehrere Wörter sind ein gutes Passwort.`,
  showPassword: 'Passwort anzeigen',
  forgotPassword: 'Passwort vergessen',
  signInWith: 'Stattdessen mit {provider} anmelden',
  messages: {
    rate_limited: 'Zu viele Versuche. Bitte versuchen Sie es {time} noch einmal.',
    invalid_credentials: 'Die E-Mail-Adresse oder das Passwort ist falsch.',
    account_suspended: `Dieses Konto ist gesperrt. Bitte fragen Sie den Betreiber von ${product}.`,
    email_unverified: 'Die E-Mail-Adresse dieses Kontos ist noch nicht bestätigt. Bestätigen Sie sie zuerst.',
    password_reset_required: 'Dieses Passwort gilt nicht mehr. Wählen Sie zuerst mit „Passwort vergessen“ ein neues.',
    provider_failed:
      'Die Anmeldung dort hat nicht geklappt. Versuchen Sie es noch einmal, oder nehmen Sie Ihr Passwort.',
    not_linked: `Mit dem Konto, mit dem Sie sich dort angemeldet haben, ist kein Konto bei ${product} verknüpft. Nehmen Sie ein anderes oder Ihr Passwort.`,
    failed:
      'Das hat nicht geklappt: Der Dienst war nicht erreichbar oder hat nicht geantwortet wie erwartet. Bitte versuchen Sie es noch einmal.',
    missing: 'Bitte füllen Sie dieses Feld aus.',
    email_refused: 'Bitte geben Sie eine E-Mail-Adresse ein, zum Beispiel name@example.com.',
    password_too_short: `Bitte verwenden Sie mindestens ${passwordMinLength} Zeichen.`,
    refused: 'Bitte wählen Sie etwas anderes. Der Grund, auf Englisch:',
  },
  passwordReasons: {
    'must not contain your e-mail address, your name or the name of this service':
      'Bitte wählen Sie ein Passwort, in dem weder Ihre E-Mail-Adresse noch Ihr Name noch der Name dieses Dienstes vorkommt.',
    'must not be one of the most common passwords':
      'Dieses Passwort benutzen viele Menschen. Bitte wählen Sie ein anderes.',
    'must not be known from a data breach':
      'Dieses Passwort ist durch einen Einbruch bei einem anderen Dienst bekannt geworden. Bitte wählen Sie ein anderes.',
  },
  pages: {
    'verify-email': {
      ask: {
        heading: 'Bestätigen Sie Ihre E-Mail-Adresse',
        text: [
          `Mit Ihrer Adresse wurde ein Konto bei ${product} eröffnet. Wenn Sie das waren, bestätigen Sie, dass sie Ihnen gehört.`,
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
          'Wenn Sie Ihre Adresse schon bestätigt haben, ist nichts mehr zu tun.',
          `${ONCE} Geben Sie Ihre Adresse ein, um einen neuen zu bekommen.`,
        ],
        action: 'Neuen Link senden',
      },
      no_token: {
        heading: INCOMPLETE,
        text: [OPEN_WHOLE_LINK, 'Oder geben Sie Ihre Adresse ein, um einen neuen zu bekommen.'],
        action: 'Neuen Link senden',
      },
      sent: {
        heading: 'Sehen Sie in Ihr Postfach',
        text: [
          'Wenn ein Konto mit dieser Adresse noch nicht bestätigt ist, ist ein neuer Link unterwegs.',
          NOTHING_THERE,
        ],
      },
    },
    'confirm-email': {
      ask: {
        heading: 'Bestätigen Sie Ihre neue E-Mail-Adresse',
        text: [
          `Diese Adresse soll zu Ihrem Konto bei ${product} gehören. Wenn Sie das möchten, melden Sie sich zur Bestätigung noch einmal an: mit der Adresse und dem Passwort, die das Konto jetzt hat.`,
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
          'Wenn Sie Ihre neue Adresse schon bestätigt haben, ist nichts mehr zu tun.',
          `${ONCE} Sie gelten für das Konto und die Sitzung, mit denen die Änderung verlangt wurde; diese Sitzung darf nicht beendet sein.`,
          `Ändern Sie sonst die Adresse in ${product} noch einmal, dann bekommen Sie einen neuen.`,
        ],
      },
      no_token: {
        heading: INCOMPLETE,
        text: [OPEN_WHOLE_LINK],
      },
    },
    'undo-email': {
      ask: {
        heading: 'Änderung Ihrer E-Mail-Adresse rückgängig machen',
        text: [
          `Ihr Konto bei ${product} bekommt seine alte Adresse zurück.`,
          'Weil jemand Ihr Passwort kennen könnte, werden alle Sitzungen beendet, und das Passwort gilt nicht mehr. Wir senden dann einen Link für ein neues an die alte Adresse.',
        ],
        action: 'Änderung rückgängig machen',
      },
      done: {
        heading: 'Die Änderung ist rückgängig gemacht',
        text: [
          'Die alte Adresse gilt wieder. Alle Sitzungen wurden beendet, und das Passwort gilt nicht mehr.',
          'Eine E-Mail mit einem Link für ein neues Passwort ist an die alte Adresse unterwegs.',
        ],
      },
      invalid_token: {
        heading: USELESS,
        text: [
          'Wenn Sie die Änderung schon rückgängig gemacht haben, fehlt nur noch ein neues Passwort: Sehen Sie in Ihr Postfach.',
          `Solche Links gelten einmal und ${UNDO_EMAIL_DAYS} Tage lang. Wenn die Adresse ohne Sie geändert wurde und die Zeit vorbei ist, fragen Sie den Betreiber von ${product}.`,
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
        text: [`Das beendet alle Sitzungen Ihres Kontos bei ${product}.`],
        action: 'Neues Passwort festlegen',
      },
      done: {
        heading: 'Ihr neues Passwort gilt',
        text: [`Alle Sitzungen wurden beendet. Melden Sie sich mit dem neuen Passwort bei ${product} an.`],
      },
      invalid_token: {
        heading: USELESS,
        text: [`${ONCE} Wenn auch Ihr neues Passwort nicht gilt, fordern Sie einen neuen Link an.`],
        action: 'Neuen Link anfordern',
      },
      no_token: {
        heading: INCOMPLETE,
        text: [OPEN_WHOLE_LINK, 'Oder fordern Sie einen neuen an.'],
        action: 'Neuen Link anfordern',
      },
    },
    restore: {
      ask: {
        heading: 'Konto wiederherstellen',
        text: [
          `Ihr Konto bei ${product} wurde gelöscht, und seine Daten werden bald vernichtet. Möchten Sie es zurückhaben?`,
        ],
        action: 'Konto wiederherstellen',
      },
      sign_in: {
        heading: 'Konto wiederherstellen',
        text: [
          `Wenn Sie Ihr Konto bei ${product} gelöscht haben und seine Daten noch nicht vernichtet sind, bekommen Sie es mit E-Mail-Adresse und Passwort zurück.`,
        ],
        action: 'Konto wiederherstellen',
      },
      done: {
        heading: 'Ihr Konto ist wiederhergestellt',
        text: [`Nichts wird vernichtet. Melden Sie sich wie bisher bei ${product} an.`],
      },
      reset_required: {
        heading: 'Ihr Konto ist wiederhergestellt',
        text: [
          'Nichts wird vernichtet.',
          `Das alte Passwort gilt nicht mehr. Wählen Sie ein neues, bevor Sie sich bei ${product} anmelden.`,
        ],
        action: 'Neues Passwort wählen',
      },
      invalid_token: {
        heading: 'Das Konto wurde nicht wiederhergestellt',
        text: [
          'Der Link wurde schon benutzt oder ist zu alt, oder die Daten sind vernichtet.',
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
        heading: 'Sehen Sie in Ihr Postfach',
        text: [
          `Wenn es ein Konto mit dieser Adresse gibt, ist ein Link unterwegs. Er gilt einmal und ${MAIL_LINK_MINUTES} Minuten lang.`,
          NOTHING_THERE,
        ],
      },
    },
  },
  signInRefused: {
    invalid_state: {
      heading: 'Diese Anmeldung kann nicht weitergehen',
      text: [
        `Sie wurde nicht in diesem Browser begonnen, hat länger als ${OAUTH_FLOW_MINUTES} Minuten gedauert oder ist schon beendet.`,
        'Gehen Sie dorthin zurück, wo Sie sich anmelden wollten, und beginnen Sie dort von vorn. Ein Fenster genügt.',
      ],
    },
    other: {
      heading: 'Die Anmeldung hat nicht geklappt',
      text: [
        `Gehen Sie dorthin zurück, wo Sie sich anmelden wollten, und beginnen Sie dort von vorn. Wenn das nicht hilft, nennen Sie dem Betreiber von ${product} die Worte unten.`,
      ],
    },
    back: 'Zurück zur Anwendung',
  },
})
