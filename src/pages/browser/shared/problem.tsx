import { explain } from './explain.ts'
import { openAnew, PartGone } from './load-part.ts'
import { words } from './words.ts'

interface ProblemProps {
  readonly error: unknown
  readonly onAgain: () => void
}

/** Why something could not be shown, and a button that tries again. */
export const Problem = ({ error, onAgain }: ProblemProps) => (
  <div role="alert">
    <p class="problem">{explain(error).message ?? words().messages.failed}</p>
    <p>
      <button class="button other" type="button" onClick={error instanceof PartGone ? openAnew : onAgain}>
        {error instanceof PartGone ? words().common.openAnew : words().common.again}
      </button>
    </p>
  </div>
)
