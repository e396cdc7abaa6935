// The steps of permutation P (RFC 9106 section 3.6) on vectors of two 64-bit words, in AssemblyScript.

/** Returns the lower halves of four words. */
@inline export function lower(x0: v128, x1: v128): v128 {
  return v128.shuffle<u32>(x0, x1, 0, 2, 4, 6)
}

/**
 * Returns x + y + 2 * lower(x) * lower(y) for the first two of the four words whose lower halves are given.
 */
@inline export function mixLow(x: v128, y: v128, lowerX: v128, lowerY: v128): v128 {
  const product = i64x2.extmul_low_i32x4_u(lowerX, lowerY)
  return i64x2.add(i64x2.add(x, y), i64x2.add(product, product))
}

/** Like `mixLow`, for the last two of the four words. */
@inline export function mixHigh(x: v128, y: v128, lowerX: v128, lowerY: v128): v128 {
  const product = i64x2.extmul_high_i32x4_u(lowerX, lowerY)
  return i64x2.add(i64x2.add(x, y), i64x2.add(product, product))
}

/** Rotates both words to the right by 32 bits. The functions below rotate by 24, 16 and 63 bits. */
@inline export function rotate32(x: v128): v128 {
  return v128.shuffle<u32>(x, x, 1, 0, 3, 2)
}

@inline export function rotate24(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10))
}

@inline export function rotate16(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8, 9))
}

@inline export function rotate63(x: v128): v128 {
  return v128.or(i64x2.add(x, x), i64x2.shr_u(x, 63))
}

/** Returns the second word of x, followed by the first word of y. */
@inline export function shift(x: v128, y: v128): v128 {
  return v128.shuffle<u64>(x, y, 1, 2)
}
