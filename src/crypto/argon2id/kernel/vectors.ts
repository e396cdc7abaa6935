// The steps of permutation P (RFC 9106 section 3.6) on vectors of two 64-bit words, in AssemblyScript.

/** The lower halves of four words. */
@inline export function lower(x0: v128, x1: v128): v128 {
  return v128.shuffle<u32>(x0, x1, 0, 2, 4, 6)
}

/** x + y + 2 * lower(x) * lower(y), for the first two of the four words that the halves belong to. */
@inline export function mixLow(x: v128, y: v128, lowerX: v128, lowerY: v128): v128 {
  const product = i64x2.extmul_low_i32x4_u(lowerX, lowerY)
  return i64x2.add(i64x2.add(x, y), i64x2.add(product, product))
}

/** The same for the last two. */
@inline export function mixHigh(x: v128, y: v128, lowerX: v128, lowerY: v128): v128 {
  const product = i64x2.extmul_high_i32x4_u(lowerX, lowerY)
  return i64x2.add(i64x2.add(x, y), i64x2.add(product, product))
}

/** Both words rotated to the right by 32 bits; below, by 24, 16 and 63. */
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

/** The second word of x, then the first of y. */
@inline export function shift(x: v128, y: v128): v128 {
  return v128.shuffle<u64>(x, y, 1, 2)
}
