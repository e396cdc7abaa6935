// Argon2's compression function G (RFC 9106 section 3.5), in AssemblyScript.
//
// A block is a matrix of eight by eight registers of 16 bytes, which are vectors here. A permutation works on
// eight of them. In its 4 by 4 matrix of words, a0 and a1 are the first row, b0 and b1 the second, and so on.
// Each step waits for a multiplication, so SIDE_BY_SIDE permutations run interleaved. For that,
// scripts/compile-argon2id.ts repeats every paragraph that contains a dollar sign, and replaces the sign by
// 0, 1, 2 and so on.
import { lower, mixHigh, mixLow, rotate16, rotate24, rotate32, rotate63, shift } from './vectors'

const VECTOR: usize = 16
const ROW: usize = 8 * VECTOR

/** The XOR of the two input blocks. */
const R = memory.data(1024, 64)
/** The result of the permutations of the rows. */
const Q = memory.data(1024, 64)

/**
 * Computes G of two blocks. Writes it to a third block in the first pass, and XORs it into that block in
 * later passes.
 */
export function compress(previous: usize, reference: usize, out: usize, isFirstPass: bool): void {
  for (let i: usize = 0; i < 8; i += SIDE_BY_SIDE) permute(true, i * ROW, previous + i * ROW, reference + i * ROW, false)
  for (let i: usize = 0; i < 8; i += SIDE_BY_SIDE) permute(false, i * VECTOR, out + i * VECTOR, 0, isFirstPass)
}

/**
 * Permutation P (RFC 9106 section 3.6) of SIDE_BY_SIDE rows of `left` XOR `right`, written to Q, or of as
 * many columns of Q, written to `left`. `isRows` is constant at each call, so the inlined code has no branch
 * for it.
 */
@inline function permute(isRows: bool, at: usize, left: usize, right: usize, isFirstPass: bool): void {

  let a0$: v128, a1$: v128, b0$: v128, b1$: v128, c0$: v128, c1$: v128, d0$: v128, d1$: v128, s$: v128, t$: v128

  if (isRows) {

    a0$ = v128.xor(v128.load(left, 0 * VECTOR + $ * ROW), v128.load(right, 0 * VECTOR + $ * ROW))
    a1$ = v128.xor(v128.load(left, 1 * VECTOR + $ * ROW), v128.load(right, 1 * VECTOR + $ * ROW))
    b0$ = v128.xor(v128.load(left, 2 * VECTOR + $ * ROW), v128.load(right, 2 * VECTOR + $ * ROW))
    b1$ = v128.xor(v128.load(left, 3 * VECTOR + $ * ROW), v128.load(right, 3 * VECTOR + $ * ROW))
    c0$ = v128.xor(v128.load(left, 4 * VECTOR + $ * ROW), v128.load(right, 4 * VECTOR + $ * ROW))
    c1$ = v128.xor(v128.load(left, 5 * VECTOR + $ * ROW), v128.load(right, 5 * VECTOR + $ * ROW))
    d0$ = v128.xor(v128.load(left, 6 * VECTOR + $ * ROW), v128.load(right, 6 * VECTOR + $ * ROW))
    d1$ = v128.xor(v128.load(left, 7 * VECTOR + $ * ROW), v128.load(right, 7 * VECTOR + $ * ROW))
    v128.store(at, a0$, R + 0 * VECTOR + $ * ROW)
    v128.store(at, a1$, R + 1 * VECTOR + $ * ROW)
    v128.store(at, b0$, R + 2 * VECTOR + $ * ROW)
    v128.store(at, b1$, R + 3 * VECTOR + $ * ROW)
    v128.store(at, c0$, R + 4 * VECTOR + $ * ROW)
    v128.store(at, c1$, R + 5 * VECTOR + $ * ROW)
    v128.store(at, d0$, R + 6 * VECTOR + $ * ROW)
    v128.store(at, d1$, R + 7 * VECTOR + $ * ROW)

  } else {

    a0$ = v128.load(at, Q + 0 * ROW + $ * VECTOR)
    a1$ = v128.load(at, Q + 1 * ROW + $ * VECTOR)
    b0$ = v128.load(at, Q + 2 * ROW + $ * VECTOR)
    b1$ = v128.load(at, Q + 3 * ROW + $ * VECTOR)
    c0$ = v128.load(at, Q + 4 * ROW + $ * VECTOR)
    c1$ = v128.load(at, Q + 5 * ROW + $ * VECTOR)
    d0$ = v128.load(at, Q + 6 * ROW + $ * VECTOR)
    d1$ = v128.load(at, Q + 7 * ROW + $ * VECTOR)

  }

  // The columns of the matrix of words. A loop over columns and diagonals would be shorter but 7 % slower.

  s$ = lower(a0$, a1$)
  t$ = lower(b0$, b1$)
  a0$ = mixLow(a0$, b0$, s$, t$)
  a1$ = mixHigh(a1$, b1$, s$, t$)
  d0$ = rotate32(v128.xor(d0$, a0$))
  d1$ = rotate32(v128.xor(d1$, a1$))

  s$ = lower(c0$, c1$)
  t$ = lower(d0$, d1$)
  c0$ = mixLow(c0$, d0$, s$, t$)
  c1$ = mixHigh(c1$, d1$, s$, t$)
  b0$ = rotate24(v128.xor(b0$, c0$))
  b1$ = rotate24(v128.xor(b1$, c1$))

  s$ = lower(a0$, a1$)
  t$ = lower(b0$, b1$)
  a0$ = mixLow(a0$, b0$, s$, t$)
  a1$ = mixHigh(a1$, b1$, s$, t$)
  d0$ = rotate16(v128.xor(d0$, a0$))
  d1$ = rotate16(v128.xor(d1$, a1$))

  s$ = lower(c0$, c1$)
  t$ = lower(d0$, d1$)
  c0$ = mixLow(c0$, d0$, s$, t$)
  c1$ = mixHigh(c1$, d1$, s$, t$)
  b0$ = rotate63(v128.xor(b0$, c0$))
  b1$ = rotate63(v128.xor(b1$, c1$))

  // The diagonals: the rows are rotated so that each diagonal becomes a column.

  s$ = shift(b0$, b1$)
  b1$ = shift(b1$, b0$)
  b0$ = s$
  s$ = c0$
  c0$ = c1$
  c1$ = s$
  s$ = shift(d1$, d0$)
  d1$ = shift(d0$, d1$)
  d0$ = s$

  s$ = lower(a0$, a1$)
  t$ = lower(b0$, b1$)
  a0$ = mixLow(a0$, b0$, s$, t$)
  a1$ = mixHigh(a1$, b1$, s$, t$)
  d0$ = rotate32(v128.xor(d0$, a0$))
  d1$ = rotate32(v128.xor(d1$, a1$))

  s$ = lower(c0$, c1$)
  t$ = lower(d0$, d1$)
  c0$ = mixLow(c0$, d0$, s$, t$)
  c1$ = mixHigh(c1$, d1$, s$, t$)
  b0$ = rotate24(v128.xor(b0$, c0$))
  b1$ = rotate24(v128.xor(b1$, c1$))

  s$ = lower(a0$, a1$)
  t$ = lower(b0$, b1$)
  a0$ = mixLow(a0$, b0$, s$, t$)
  a1$ = mixHigh(a1$, b1$, s$, t$)
  d0$ = rotate16(v128.xor(d0$, a0$))
  d1$ = rotate16(v128.xor(d1$, a1$))

  s$ = lower(c0$, c1$)
  t$ = lower(d0$, d1$)
  c0$ = mixLow(c0$, d0$, s$, t$)
  c1$ = mixHigh(c1$, d1$, s$, t$)
  b0$ = rotate63(v128.xor(b0$, c0$))
  b1$ = rotate63(v128.xor(b1$, c1$))

  // The rows are rotated back.

  s$ = shift(b1$, b0$)
  b1$ = shift(b0$, b1$)
  b0$ = s$
  s$ = c0$
  c0$ = c1$
  c1$ = s$
  s$ = shift(d0$, d1$)
  d1$ = shift(d1$, d0$)
  d0$ = s$

  if (isRows) {

    v128.store(at, a0$, Q + 0 * VECTOR + $ * ROW)
    v128.store(at, a1$, Q + 1 * VECTOR + $ * ROW)
    v128.store(at, b0$, Q + 2 * VECTOR + $ * ROW)
    v128.store(at, b1$, Q + 3 * VECTOR + $ * ROW)
    v128.store(at, c0$, Q + 4 * VECTOR + $ * ROW)
    v128.store(at, c1$, Q + 5 * VECTOR + $ * ROW)
    v128.store(at, d0$, Q + 6 * VECTOR + $ * ROW)
    v128.store(at, d1$, Q + 7 * VECTOR + $ * ROW)

  } else {

    a0$ = v128.xor(a0$, v128.load(at, R + 0 * ROW + $ * VECTOR))
    a1$ = v128.xor(a1$, v128.load(at, R + 1 * ROW + $ * VECTOR))
    b0$ = v128.xor(b0$, v128.load(at, R + 2 * ROW + $ * VECTOR))
    b1$ = v128.xor(b1$, v128.load(at, R + 3 * ROW + $ * VECTOR))
    c0$ = v128.xor(c0$, v128.load(at, R + 4 * ROW + $ * VECTOR))
    c1$ = v128.xor(c1$, v128.load(at, R + 5 * ROW + $ * VECTOR))
    d0$ = v128.xor(d0$, v128.load(at, R + 6 * ROW + $ * VECTOR))
    d1$ = v128.xor(d1$, v128.load(at, R + 7 * ROW + $ * VECTOR))

    if (!isFirstPass) {

      a0$ = v128.xor(a0$, v128.load(left, 0 * ROW + $ * VECTOR))
      a1$ = v128.xor(a1$, v128.load(left, 1 * ROW + $ * VECTOR))
      b0$ = v128.xor(b0$, v128.load(left, 2 * ROW + $ * VECTOR))
      b1$ = v128.xor(b1$, v128.load(left, 3 * ROW + $ * VECTOR))
      c0$ = v128.xor(c0$, v128.load(left, 4 * ROW + $ * VECTOR))
      c1$ = v128.xor(c1$, v128.load(left, 5 * ROW + $ * VECTOR))
      d0$ = v128.xor(d0$, v128.load(left, 6 * ROW + $ * VECTOR))
      d1$ = v128.xor(d1$, v128.load(left, 7 * ROW + $ * VECTOR))

    }

    v128.store(left, a0$, 0 * ROW + $ * VECTOR)
    v128.store(left, a1$, 1 * ROW + $ * VECTOR)
    v128.store(left, b0$, 2 * ROW + $ * VECTOR)
    v128.store(left, b1$, 3 * ROW + $ * VECTOR)
    v128.store(left, c0$, 4 * ROW + $ * VECTOR)
    v128.store(left, c1$, 5 * ROW + $ * VECTOR)
    v128.store(left, d0$, 6 * ROW + $ * VECTOR)
    v128.store(left, d1$, 7 * ROW + $ * VECTOR)

  }
}
