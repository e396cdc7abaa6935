import { EXPORT_HOURS } from '../../../core/lifetimes.ts'
import type { Subject } from '../../subject.ts'
import type { AccountWords } from '../words-of-pages.ts'

export const germanConsents = ({ product }: Subject): AccountWords['consents'] => ({
  lead: 'Worin Sie eingewilligt oder wem Sie widersprochen haben. Sie können jede Entscheidung jederzeit ändern. Die Änderung gilt von da an.',
  none: 'Es gibt noch keine Entscheidung von Ihnen.',
  documents: {
    terms: 'Nutzungsbedingungen',
    'privacy-notice': 'Datenschutzhinweise',
    marketing: 'Werbung per E-Mail',
    newsletter: 'Newsletter',
    analytics: 'Auswertung Ihrer Nutzung',
    'sale-or-sharing': 'Verkauf oder Weitergabe Ihrer Daten',
  },
  version: (version) => `Fassung ${version}`,
  decisions: { granted: 'Eingewilligt', withdrawn: 'Nicht eingewilligt' },
  decidedAt: (time) => `Seit ${time}.`,
  undecided: 'Über diese Fassung haben Sie noch nicht entschieden.',
  bySignal: 'Ihr Browser hat es mit seinem Datenschutzsignal gesagt (Global Privacy Control).',
  withdraw: 'Widerrufen',
  grant: 'Einwilligen',
  decided: 'Ihre Entscheidung ist gespeichert.',
  signal: {
    heading: 'Ihr Browser bittet um Datenschutz',
    text: `Er sendet mit jeder Anfrage das Signal „Global Privacy Control“: Ihre Daten dürfen nicht verkauft oder weitergegeben werden. ${product} vermerkt es, wenn ein Konto angelegt wird. Vermerken Sie es auch für dieses Konto:`,
    action: 'Widerspruch vermerken',
  },
  more: 'Ältere Entscheidungen zeigen',
  history: 'Verlauf',
  historyLead: 'Jede Entscheidung, die neueste zuerst. Aus dieser Liste wird nichts entfernt.',
})

export const germanExport = ({ product }: Subject): AccountWords['export'] => ({
  lead: `Eine Datei mit allem, was ${product} über Sie speichert, und einer Liste, was wo, warum und wie lange gespeichert ist.`,
  none: 'Das Zusammenstellen dauert einen Moment. Danach können Sie die Datei hier herunterladen.',
  request: 'Meine Daten zusammenstellen',
  requestAgain: 'Eine neue Datei zusammenstellen',
  pending:
    'Ihre Daten werden zusammengestellt. Diese Seite zeigt, wenn die Datei bereit ist. Sie können die Seite so lange verlassen.',
  ready: (time) => `Die Datei ist bereit. Sie können sie bis ${time} herunterladen. Danach wird sie gelöscht.`,
  download: 'Herunterladen',
  downloaded: 'Die Datei ist heruntergeladen. Bewahren Sie sie gut auf: Darin steht alles über Sie.',
  file: 'ihre-daten.json',
  failed: `Ihre Daten konnten nicht zusammengestellt werden: Es ist ein Fehler aufgetreten. Bitte versuchen Sie es noch einmal. Wenn das nicht hilft, wenden Sie sich an den Betreiber von ${product}.`,
  expired: `Die Datei ist abgelaufen. Jede Datei wird ${EXPORT_HOURS} Stunden aufbewahrt. Lassen Sie Ihre Daten noch einmal zusammenstellen.`,
})

export const germanDelete = ({ product }: Subject): AccountWords['delete'] => ({
  lead: `Damit schließen Sie Ihr Konto bei ${product}. Das geschieht dann:`,
  now: 'Sofort',
  nowWhat: 'Sie werden auf allen Geräten abgemeldet, und Anwendungen können das Konto nicht mehr verwenden.',
  until: (date) => `Bis zum ${date}`,
  untilWhat:
    'Sie können das Konto wiederherstellen: Melden Sie sich noch einmal an, oder nutzen Sie den Link in der E-Mail, die wir Ihnen senden.',
  after: (date) => `Nach dem ${date}`,
  afterWhat:
    'Alles über Sie wird endgültig gelöscht, und niemand kann es zurückholen. Es bleibt ein Protokoll von Ereignissen, das Sie nicht nennt.',
  keep: 'Möchten Sie vorher eine Kopie?',
  toExport: 'Ihre Daten herunterladen',
  confirm: (address) => `Geben Sie zur Bestätigung Ihre E-Mail-Adresse ein: ${address}`,
  action: 'Mein Konto löschen',
  done: {
    heading: 'Ihr Konto ist gelöscht',
    text: (time) => `Sie sind überall abgemeldet. Bis ${time} können Sie es sich anders überlegen.`,
    after: 'Danach wird alles über Sie endgültig gelöscht. Eine E-Mail dazu ist an Sie unterwegs.',
    restore: 'Mein Konto wiederherstellen',
  },
})
