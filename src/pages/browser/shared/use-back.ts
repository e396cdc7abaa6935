import { useEffect } from 'preact/hooks'

/** Marks the entry of the history that a state of a screen has. */
const IS_DEEP = 'latchkey-deep'

/**
 * Lets the back button of the browser leave a state of a screen, instead of the screen.
 * @param isDeep whether the screen shows such a state
 */
export function useBack(isDeep: boolean, onBack: () => void): void {
  useEffect(() => {
    if (!isDeep) return
    history.pushState(IS_DEEP, '')
    const leave = () => onBack()
    addEventListener('popstate', leave)
    return () => {
      removeEventListener('popstate', leave)
      // Another screen has an entry of its own.
      if (history.state === IS_DEEP) history.back()
    }
  }, [isDeep])
}
