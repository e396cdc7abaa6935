/**
 * Finds the last number for which a condition holds, if it holds for all numbers from `from` to that one.
 * Tries about twice the logarithm of the distance.
 * @param from a number for which it holds
 */
export async function lastOf(from: number, holds: (n: number) => Promise<boolean>): Promise<number> {
  let step = 1
  while (await holds(from + step)) step *= 2
  let [last, tooFar] = [from + Math.floor(step / 2), from + step]
  while (tooFar - last > 1) {
    const middle = Math.floor((last + tooFar) / 2)
    if (await holds(middle)) last = middle
    else tooFar = middle
  }
  return last
}
