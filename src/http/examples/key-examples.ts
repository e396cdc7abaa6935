const curve = { kty: 'EC', crv: 'P-256' } as const
const point = {
  ...curve,
  x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
  y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
} as const

/** Invented public keys, issuer and checkpoint of the log. */
export const keyExamples = {
  issuer: 'https://id.example.com',
  signingKey: { ...point, kid: '1.2026-11', alg: 'ES256', use: 'sig' },
  logKey: 'id.example.com/audit+ed714aff+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs',
  note: 'id.example.com/audit\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— id.example.com/audit 7XFK/29xsIHnQJYiE8CtHShCWKmeUKSKJ+z4xDqQ6m/1KUI1YQcY9vKh1cZvYti/OdRpoZ46T5clZ/rejSo9XK8VMAY=\n',
  receiptKey: { ...point, kid: 'y84TKcS7TGHIZ7gNet9twg4TmPJ6C5bU78l6InYUc5I' },
} as const
