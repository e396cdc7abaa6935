const curve = { kty: 'EC', crv: 'P-256' } as const
const point = {
  ...curve,
  x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
  y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
} as const

/** Invented public keys and issuer. */
export const keyExamples = {
  issuer: 'https://id.example.com',
  signingKey: { ...point, kid: '1.2026-11', alg: 'ES256', use: 'sig' },
  receiptKey: { ...point, kid: 'y84TKcS7TGHIZ7gNet9twg4TmPJ6C5bU78l6InYUc5I' },
} as const
