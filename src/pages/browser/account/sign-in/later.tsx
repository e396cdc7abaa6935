import type { ComponentType } from 'preact'
import { loadPart } from '../../shared/load-part.ts'
import { Loaded } from '../../shared/loaded.tsx'
import { useLoaded } from '../../shared/use-answer.ts'

/** A part of a screen that few people need. It is loaded when it is shown. What was typed before stays. */
export function later<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  return (props) => {
    const answer = useLoaded(() => loadPart(load), [])
    return <Loaded answer={answer}>{(Part) => <Part {...props} />}</Loaded>
  }
}
