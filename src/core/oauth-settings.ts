import * as z from 'zod'
import { parseJson } from './json.ts'
import { isRedirectUri } from './redirect-uri.ts'
import { isSecure } from './web-address.ts'

const clientId = z.string().min(1).max(500)
const scope = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/)
const scopes = z.array(scope).max(20)

/**
 * The issuer exactly as in the provider's tokens: without query and fragment (OpenID Connect Discovery
 * section 3).
 */
const issuer = z
  .url({ protocol: /^https?$/ })
  .max(500)
  .refine((value) => isSecure(value) && !/[?#]/.test(value), 'https; http only on this machine')

/**
 * How this service authenticates at the token endpoint: with its credentials in a header or in the form (RFC
 * 6749 section 2.3.1). In the header they are percent-encoded, and some providers fail to decode them.
 */
const authMethodSchema = z.enum(['client_secret_basic', 'client_secret_post'])
export type TokenEndpointAuthMethod = z.infer<typeof authMethodSchema>

const common = { client_id: clientId, token_endpoint_auth_method: authMethodSchema.optional() }

const providerSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('google'),
    ...common,
    scopes: scopes.default(['openid', 'email', 'profile']),
  }),
  z.strictObject({
    kind: z.literal('github'),
    ...common,
    scopes: scopes.default(['read:user', 'user:email']),
  }),
  z.strictObject({
    kind: z.literal('oidc'),
    issuer,
    ...common,
    scopes: scopes.default(['openid', 'email', 'profile']),
  }),
])

/** The settings of one provider: its kind and this service's client credentials there, without the secret. */
export type ProviderSettings = Readonly<z.infer<typeof providerSchema>>

/** A restricted alphabet, because the name is part of paths and of the name of a secret. */
const providerNameSchema = z.string().regex(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/)
const providerName = providerNameSchema.max(32)

/** A table in wrangler.toml, or JSON text with the same members. */
export const providersSchema = z
  .preprocess(readTable, z.record(providerName, providerSchema))
  .refine((providers) => Object.keys(providers).length <= 20, 'at most 20')

function readTable(value: unknown): unknown {
  if (value === undefined || value === '') return {}
  return typeof value === 'string' ? (parseJson(value) ?? value) : value
}

/** Exact addresses, separated by commas or white space; by default none. */
export const redirectUrisSchema = z
  .string()
  .default('')
  .transform((text) => text.split(/[\s,]+/).filter((part) => part !== ''))
  .pipe(z.array(z.string().refine(isRedirectUri, 'an exact address')).max(100))

/** Which of the provider's claims are copied into a new profile; by default none. */
export const profileFieldsSchema = z
  .string()
  .default('')
  .transform((text) => text.split(/[\s,]+/).filter((part) => part !== ''))
  .pipe(z.array(z.enum(['full_name', 'avatar_url'])))

/** The name of the setting with a provider's client secret: `OAUTH_MY_IDP_CLIENT_SECRET` for `my-idp`. */
const clientSecretSetting = (name: string): string => `OAUTH_${name.toUpperCase().replaceAll('-', '_')}_CLIENT_SECRET`

const secretSchema = z.string().min(8).max(1000)

/** Returns the client secrets by provider, and the names of the settings that are missing or too short. */
export function readClientSecrets(env: object, providers: Readonly<Record<string, ProviderSettings>>) {
  const found = Object.keys(providers).map((name) => {
    const setting = clientSecretSetting(name)
    return { name, setting, secret: secretSchema.safeParse(Reflect.get(env, setting)).data }
  })
  return {
    secrets: Object.fromEntries(found.flatMap(({ name, secret }) => (secret === undefined ? [] : [[name, secret]]))),
    missing: found.flatMap(({ setting, secret }) => (secret === undefined ? [setting] : [])),
  }
}
