import type { AccountWords } from '../words-of-pages.ts'

export const germanPlaces: AccountWords['places'] = {
  device: (browser, system) => `${browser} unter ${system}`,
  unknownDevice: 'Unbekanntes Gerät',
}

export const germanSessions: AccountWords['sessions'] = {
  lead: 'Diese Geräte sind bei Ihrem Konto angemeldet. Wenn Sie eines nicht kennen, melden Sie es ab, und wählen Sie ein neues Passwort.',
  current: 'Dieses Gerät',
  application: 'Anwendung',
  place: 'Ort',
  unknownPlace: 'Unbekannt',
  address: 'Netzadresse',
  signedIn: 'Angemeldet',
  used: 'Zuletzt verwendet',
  expires: 'Spätestens abgemeldet',
  methods: 'Angemeldet mit',
  methodNames: {
    pwd: 'Passwort',
    fed: 'Verknüpftes Konto',
    email: 'E-Mail',
    otp: 'Authenticator-App',
    recovery: 'Wiederherstellungscode',
    pop: 'Passkey oder Sicherheitsschlüssel',
  },
  end: 'Dort abmelden',
  ended: (device) => `Abgemeldet: ${device}.`,
  others: 'Alle anderen Geräte',
  othersLead: 'Dieses Gerät bleibt angemeldet.',
  endOthers: 'Überall sonst abmelden',
  othersEnded: 'Alle anderen Geräte sind abgemeldet.',
  alone: 'Sie sind nur auf diesem Gerät angemeldet.',
}

export const germanIdentities: AccountWords['identities'] = {
  lead: 'Mit dem Konto eines anderen Dienstes, das Sie hier verknüpfen, melden Sie sich ohne eigenes Passwort an.',
  none: 'Noch ist kein Konto verknüpft.',
  linkedAt: (date) => `Verknüpft am ${date}.`,
  unlink: 'Verknüpfung lösen',
  unlinked: (provider) => `Die Verknüpfung mit ${provider} ist gelöst. Sie meldet niemanden mehr an.`,
  unavailable: 'Die Anmeldung damit ist hier ausgeschaltet, darum meldet es niemanden an.',
  noProviders: 'Dieser Dienst bietet keine Anmeldung mit Konten anderer Dienste an.',
  add: 'Ein weiteres Konto verknüpfen',
  addLead: 'Sie gehen zum Anbieter, melden sich dort an und kommen hierher zurück.',
  link: (provider) => `${provider} verknüpfen`,
  linked: (provider) => `${provider} ist verknüpft. Sie können sich ab jetzt damit anmelden.`,
  refused: {
    access_denied: 'Es wurde nichts verknüpft: Die Anmeldung beim Anbieter wurde abgebrochen.',
    identity_taken: 'Es wurde nichts verknüpft: Jenes Konto ist schon mit diesem oder einem anderen Konto verknüpft.',
    email_unverified: 'Bestätigen Sie zuerst Ihre E-Mail-Adresse. Danach können Sie Konten verknüpfen.',
    invalid_token:
      'Es wurde nichts verknüpft: Es hat zu lange gedauert oder wurde in einer anderen Sitzung begonnen. Bitte beginnen Sie von vorn.',
    provider_email_unverified: 'Es wurde nichts verknüpft: Der Anbieter hat die E-Mail-Adresse dort nicht bestätigt.',
    provider_unavailable:
      'Es wurde nichts verknüpft: Der Anbieter ist nicht erreichbar. Bitte versuchen Sie es später noch einmal.',
    other:
      'Es wurde nichts verknüpft: Die Anmeldung beim Anbieter hat nicht geklappt. Bitte versuchen Sie es noch einmal.',
  },
}
