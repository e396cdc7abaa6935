import { MAIL_LINK_MINUTES, UNDO_EMAIL_DAYS, UNDO_PASSKEY_DAYS } from '../../../core/lifetimes.ts'
import type { Subject } from '../../subject.ts'
import type { AccountWords } from '../words-of-pages.ts'

const INCOMPLETE = 'Dieser Link ist unvollständig'
const USELESS = 'Dieser Link ist nicht mehr gültig'
const OPEN_WHOLE_LINK =
  'Öffnen Sie den Link in der E-Mail noch einmal, oder kopieren Sie den ganzen Link in die Adresszeile.'
const ONCE = `Jeder Link funktioniert nur einmal und ist ${MAIL_LINK_MINUTES} Minuten lang gültig.`
const NOTHING_THERE =
  'Nach einigen Minuten noch nichts angekommen? Sehen Sie im Spam-Ordner nach, und prüfen Sie die Schreibweise der Adresse.'

export const germanLinks = ({ product }: Subject): AccountWords['links'] => ({
  verifyEmail: {
    ask: {
      heading: 'Bestätigen Sie Ihre E-Mail-Adresse',
      text: [
        `Mit Ihrer Adresse wurde ein Konto bei ${product} eröffnet. Wenn Sie das waren, bestätigen Sie bitte, dass die Adresse Ihnen gehört.`,
      ],
      action: 'Adresse bestätigen',
    },
    done: {
      heading: 'Ihre Adresse ist bestätigt',
      text: ['Sie können diese Seite schließen und dort weitermachen, wo Sie begonnen haben.'],
      action: 'Zu Ihrem Konto',
    },
    useless: {
      heading: USELESS,
      text: [
        'Wenn Sie Ihre Adresse schon bestätigt haben, müssen Sie nichts mehr tun.',
        `${ONCE} Geben Sie Ihre Adresse ein, um einen neuen Link zu erhalten.`,
      ],
      action: 'Neuen Link senden',
    },
    incomplete: {
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
  confirmEmail: {
    ask: {
      heading: 'Bestätigen Sie Ihre neue E-Mail-Adresse',
      text: [
        `Die Adresse, an die dieser Link ging, wird die Adresse Ihres Kontos bei ${product}. Wenn Sie das möchten, bestätigen Sie es bitte.`,
        'Wenn Sie das nicht möchten, schließen Sie diese Seite: Dann ändert sich nichts.',
      ],
      action: 'Neue Adresse bestätigen',
      signIn: 'Zuerst anmelden, wie bisher',
    },
    done: {
      heading: 'Ihre neue Adresse ist bestätigt',
      text: [`Melden Sie sich ab jetzt mit dieser Adresse bei ${product} an.`],
      action: 'Zu Ihrem Konto',
    },
    useless: {
      heading: USELESS,
      text: [
        'Wenn Sie Ihre neue Adresse schon bestätigt haben, müssen Sie nichts mehr tun.',
        `${ONCE} Er gilt nur für das Konto, mit dem die Änderung angefordert wurde, und nur, solange die Sitzung, in der sie angefordert wurde, noch angemeldet ist.`,
        `Ändern Sie andernfalls die Adresse in ${product} noch einmal, um einen neuen Link zu erhalten.`,
      ],
    },
    incomplete: {
      heading: INCOMPLETE,
      text: [OPEN_WHOLE_LINK],
    },
  },
  undoEmail: {
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
    useless: {
      heading: USELESS,
      text: [
        'Wenn Sie die Änderung schon rückgängig gemacht haben, müssen Sie nur noch ein neues Passwort festlegen: Prüfen Sie Ihr Postfach.',
        `Jeder Link funktioniert nur einmal und ist ${UNDO_EMAIL_DAYS} Tage lang gültig. Wenn jemand anders die Adresse geändert hat und die Zeit abgelaufen ist, wenden Sie sich bitte an den Betreiber von ${product}.`,
      ],
    },
    incomplete: {
      heading: INCOMPLETE,
      text: [OPEN_WHOLE_LINK],
    },
  },
  undoPasskey: {
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
        'Wiederherstellungscodes, die mit ihm oder danach erstellt wurden, gelten nicht mehr. Wenn Ihrem Konto dann ein zweiter Schritt fehlt, richten Sie ihn bei der nächsten Anmeldung ein.',
        `Wer ihn hinzugefügt hat, war in Ihrem Konto angemeldet. Öffnen Sie ${product} selbst und wählen Sie „Passwort vergessen“, um ein neues Passwort festzulegen.`,
      ],
    },
    useless: {
      heading: 'Es gibt nichts zu entfernen',
      text: [
        `Der Passkey wurde schon entfernt, oder die ${UNDO_PASSKEY_DAYS} Tage sind vorbei.`,
        'Wenn die Zeit vorbei ist, können Sie den Passkey in den Einstellungen Ihres Kontos entfernen.',
      ],
    },
    incomplete: {
      heading: INCOMPLETE,
      text: [OPEN_WHOLE_LINK],
    },
  },
  keepFactors: {
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
    useless: {
      heading: 'Es gibt nichts abzubrechen',
      text: [
        'Das Entfernen wurde schon abgebrochen, oder der zweite Schritt ist entfernt.',
        `Wenn er entfernt ist und Sie nicht darum gebeten haben, wenden Sie sich sofort an die Betreiber von ${product}.`,
      ],
    },
    incomplete: {
      heading: INCOMPLETE,
      text: [OPEN_WHOLE_LINK],
    },
  },
  resetPassword: {
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
    useless: {
      heading: USELESS,
      text: [
        `${ONCE} Wenn Sie sich auch mit Ihrem neuen Passwort nicht anmelden können, fordern Sie einen neuen Link an.`,
      ],
      action: 'Neuen Link anfordern',
    },
    incomplete: {
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
    signIn: {
      heading: 'Konto wiederherstellen',
      text: [
        `Wenn Sie Ihr Konto bei ${product} gelöscht haben und seine Daten noch nicht gelöscht sind, bekommen Sie es mit einer Anmeldung zurück.`,
      ],
      action: 'Anmelden',
    },
    resetRequired: {
      heading: 'Ihr Konto ist wiederhergestellt',
      text: [
        'Ihre Daten bleiben erhalten.',
        `Das alte Passwort ist nicht mehr gültig. Bitte legen Sie ein neues fest, bevor Sie sich bei ${product} anmelden.`,
      ],
      action: 'Neues Passwort wählen',
    },
    useless: {
      heading: 'Das Konto wurde nicht wiederhergestellt',
      text: [
        'Der Link wurde schon verwendet oder ist abgelaufen, oder die Daten wurden endgültig entfernt.',
        'Wenn Sie nicht sicher sind, versuchen Sie, sich anzumelden.',
      ],
      action: 'Anmelden',
    },
  },
})
