import { isProblem } from '../../../../client/problem.ts'
import { accountWords } from '../../shared/account-words.ts'
import { call } from '../../shared/client.ts'
import { download } from '../../shared/download.ts'
import { Form } from '../../shared/form.tsx'
import { Notice } from '../../shared/notice.tsx'
import { useNotice } from '../../shared/use-notice.ts'

interface ReadyProps {
  /** Of the export. */
  readonly id: string
  /** The file is no longer there. */
  readonly onGone: () => void
}

/** Downloads an export that is ready. */
export function Ready({ id, onGone }: ReadyProps) {
  const [news, say] = useNotice()
  const text = accountWords.export
  const save = async () => {
    try {
      const bundle = await call('downloadExport', { params: { id } })
      download(text.file, JSON.stringify(bundle, null, 2), 'application/json')
      say(text.downloaded)
    } catch (error) {
      if (!isProblem(error, 'not_found')) throw error
      onGone()
    }
  }
  return (
    <>
      <Form action={save} submit={text.download} />
      <Notice {...news} />
    </>
  )
}
