import { useId, useState } from 'preact/hooks'
import { facts } from './facts.ts'
import { useRefusal } from './form.tsx'
import { words } from './words.ts'

interface FieldProps {
  /** The name of the member in the API. */
  readonly name: string
  readonly label: string
  readonly hint?: string
  readonly type?: 'text' | 'email' | 'password' | 'tel' | 'url'
  /** What browsers and password managers fill in (WCAG 1.3.5). */
  readonly autocomplete: string
  readonly inputMode?: 'numeric' | 'email' | 'tel'
  readonly isOptional?: boolean
  /** A code, which is sent without its spaces. */
  readonly isCode?: boolean
  /** Characters. */
  readonly minLength?: number
  readonly maxLength?: number
  readonly value?: string
  /** More than one line. */
  readonly isLong?: boolean
}

/** A labelled input with its hint and, after a refusal, its problem. Pasting is never blocked. */
export function Field(props: FieldProps) {
  const { name, label, hint, type = 'text', autocomplete, inputMode, isOptional, isCode, isLong } = props
  const id = useId()
  const problem = useRefusal().fields[name]
  const [isShown, show] = useState(false)
  const described = [hint !== undefined && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(' ')
  const attributes = {
    id,
    name,
    required: isOptional !== true,
    spellcheck: isLong === true,
    autocapitalize: 'none' as const,
    autocomplete,
    'aria-describedby': described === '' ? undefined : described,
    'aria-invalid': problem === undefined ? undefined : ('true' as const),
    defaultValue: props.value,
    maxLength: props.maxLength,
    'data-code': isCode ? '' : undefined,
    'data-min-length': props.minLength,
  }
  // A record, because the types of Preact have no input whose type is one of several.
  const kind: Readonly<Record<string, string>> = { type: isShown ? 'text' : type }
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {isLong ? <textarea {...attributes} rows={4} /> : <input {...attributes} {...kind} inputMode={inputMode} />}
      {problem && (
        <p class="problem" id={`${id}-problem`}>
          {problem.text} {problem.reason !== undefined && <span lang="en">{problem.reason}.</span>}
        </p>
      )}
      {type === 'password' && (
        <label class="reveal">
          <input type="checkbox" checked={isShown} onChange={({ currentTarget }) => show(currentTarget.checked)} />
          {words().common.showPassword}
        </label>
      )}
    </div>
  )
}

interface EmailFieldProps {
  /** Browsers offer passkeys in it. */
  readonly withPasskeys?: boolean
  readonly value?: string
}

export const EmailField = ({ withPasskeys, value }: EmailFieldProps) => (
  <Field
    name="email"
    type="email"
    inputMode="email"
    label={words().common.email}
    {...(value !== undefined && { value })}
    autocomplete={withPasskeys ? 'username webauthn' : 'username'}
  />
)

export const PasswordField = ({ name = 'password' }: { readonly name?: string }) => (
  <Field name={name} type="password" label={words().common.password} autocomplete="current-password" />
)

/** For password managers: whose password it is. */
export const OwnerField = ({ email }: { readonly email: string | null }) =>
  email === null ? null : (
    <div hidden>
      <input type="email" autocomplete="username" value={email} readOnly />
    </div>
  )

export const NewPasswordField = ({ name = 'new_password' }: { readonly name?: string }) => (
  <Field
    name={name}
    type="password"
    label={words().common.newPassword}
    hint={words().common.newPasswordHint}
    minLength={facts.passwordMinLength}
    autocomplete="new-password"
  />
)

/** The code of an authenticator application. @param name `totp`, or `code` for a new application */
export const TotpField = ({ name = 'totp' }: { readonly name?: 'totp' | 'code' }) => (
  <Field
    name={name}
    label={words().common.totp}
    hint={words().common.totpHint}
    inputMode="numeric"
    autocomplete="one-time-code"
    isCode
  />
)

export const RecoveryCodeField = () => (
  <Field
    name="recovery_code"
    label={words().common.recoveryCode}
    hint={words().common.recoveryCodeHint}
    autocomplete="off"
    isCode
  />
)

export const MailCodeField = () => (
  <Field
    name="mail_code"
    label={words().common.mailCode}
    hint={words().common.mailCodeHint}
    inputMode="numeric"
    autocomplete="off"
    isCode
  />
)
