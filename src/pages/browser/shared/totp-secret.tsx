import { useEffect, useState } from 'preact/hooks'
import { accountWords } from './account-words.ts'
import type { drawQr } from './qr.ts'

interface Offer {
  /** Base32. */
  readonly secret: string
  /** `otpauth://` */
  readonly uri: string
}

/** The secret for an authenticator app: as a QR code, as text in groups of four, and as a link to an app. */
export function TotpSecret({ secret, uri }: Offer) {
  const { scan, key, open } = accountWords.security.app
  return (
    <>
      <p>{scan}</p>
      <div class="secret">
        <QrCode text={uri} />
        <div>
          <p>
            {key}: <code>{secret.replace(/.{4}(?=.)/g, '$& ')}</code>
          </p>
          <p>
            <a href={uri}>{open}</a>
          </p>
        </div>
      </div>
    </>
  )
}

/** The encoder is loaded here. Where that fails, there is the secret as text. */
function QrCode({ text }: { readonly text: string }) {
  const [code, show] = useState<ReturnType<typeof drawQr> | 'failed'>()
  useEffect(() => {
    import('./qr.ts').then(
      (file) => show(file.drawQr(text)),
      () => show('failed'),
    )
  }, [text])
  if (code === 'failed') return null
  if (code === undefined) return <p class="qr" aria-hidden="true" />
  return (
    <svg class="qr" role="img" aria-label={accountWords.security.app.qrCode} viewBox={`0 0 ${code.size} ${code.size}`}>
      <path d={code.path} />
    </svg>
  )
}
