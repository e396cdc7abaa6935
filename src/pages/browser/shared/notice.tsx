import { useEffect, useRef } from 'preact/hooks'

interface NoticeProps {
  /** Empty if nothing was done. */
  readonly text: string
  /** Grows with every change, so that the same text is read again. */
  readonly round: number
}

/**
 * Says what was just done. The focus goes there, because the button that was pressed may be gone. A heading
 * that has the focus keeps it, and the text is read as a status.
 */
export function Notice({ text, round }: NoticeProps) {
  const place = useRef<HTMLParagraphElement>(null)
  useEffect(() => {
    if (text !== '' && document.activeElement?.tagName !== 'H1') place.current?.focus()
  }, [text, round])
  return (
    <p class="notice" role="status" tabIndex={-1} ref={place}>
      {text}
    </p>
  )
}
