// Argon2id's passes over its matrix (RFC 9106 sections 3.2 to 3.4), in AssemblyScript.
import { compress } from './compress'

const BLOCK: usize = 1024
const SLICES: u32 = 4
const ARGON2ID: u64 = 2
const ADDRESSES_IN_A_BLOCK: u32 = 128

// Blocks for the first half of the first pass, where the addresses do not depend on the password (RFC 9106
// section 3.4.1.2).
const zeros = memory.data(1024, 64)
const counter = memory.data(1024, 64)
const addresses = memory.data(1024, 64)

let passes: u32
let lanes: u32
let laneLength: u32
let segmentLength: u32

/**
 * Address of the matrix. Its blocks of 1 KiB follow one another, lane after lane, up to the end of the
 * memory.
 */
export function matrix(): usize {
  return (__heap_base + 63) & ~63
}

/** Sets the parameters of a matrix. The caller has written the first two blocks of each lane. */
export function begin(memoryKib: u32, iterations: u32, parallelism: u32): void {
  passes = iterations
  lanes = parallelism
  segmentLength = memoryKib / (SLICES * lanes)
  laneLength = SLICES * segmentLength
}

/**
 * Fills the columns from `from` up to but excluding `to` in every lane's segment of a slice, which is a
 * quarter of the matrix. All earlier columns must be filled.
 */
export function fillColumns(pass: u32, slice: u32, from: u32, to: u32): void {
  for (let lane: u32 = 0; lane < lanes; lane++) {
    if (pass == 0 && slice < SLICES / 2) startAddresses(lane, slice, from / ADDRESSES_IN_A_BLOCK)
    fillSegment(pass, slice, lane, from, to)
  }
}

function fillSegment(pass: u32, slice: u32, lane: u32, from: u32, to: u32): void {
  const isIndependent = pass == 0 && slice < SLICES / 2
  const first = pass == 0 && slice == 0 ? max<u32>(2, from) : from
  for (let i = first; i < to; i++) {
    const column = slice * segmentLength + i
    const out = block(lane, column)
    const previous = block(lane, (column == 0 ? laneLength : column) - 1)
    if (isIndependent && (i == first || i % ADDRESSES_IN_A_BLOCK == 0)) nextAddresses()
    const random = load<u64>(isIndependent ? addresses + (i % ADDRESSES_IN_A_BLOCK) * sizeof<u64>() : previous)
    const reference = findReference(pass, slice, lane, i, random)
    compress(previous, reference, out, pass == 0)
  }
}

/**
 * Returns the block that 64 pseudo-random bits select for column `i` of a segment (RFC 9106 section 3.4.2).
 */
function findReference(pass: u32, slice: u32, lane: u32, i: u32, random: u64): usize {
  const chosenLane = pass == 0 && slice == 0 ? lane : <u32>((random >> 32) % lanes)
  const finished = pass == 0 ? slice * segmentLength : laneLength - segmentLength
  // In its own lane, the blocks that this segment has so far can be selected too, except the one directly
  // before.
  const size: u64 = chosenLane == lane ? finished + i - 1 : finished - u32(i == 0)
  const low = random & 0xffff_ffff
  const position = size - 1 - ((size * ((low * low) >> 32)) >> 32)
  const start: u64 = pass == 0 || slice == SLICES - 1 ? 0 : (slice + 1) * segmentLength
  return block(chosenLane, <u32>((start + position) % laneLength))
}

/** @param made number of blocks of addresses that the segment has already used */
function startAddresses(lane: u32, slice: u32, made: u32): void {
  store<u64>(counter, 0, 0)
  store<u64>(counter, lane, 8)
  store<u64>(counter, slice, 16)
  store<u64>(counter, lanes * laneLength, 24)
  store<u64>(counter, passes, 32)
  store<u64>(counter, ARGON2ID, 40)
  store<u64>(counter, made, 48)
}

function nextAddresses(): void {
  store<u64>(counter, load<u64>(counter, 48) + 1, 48)
  compress(zeros, counter, addresses, true)
  compress(zeros, addresses, addresses, true)
}

/** XORs the last blocks of all lanes into that of the first lane, and returns its address. */
export function joinLanes(): usize {
  const final = block(0, laneLength - 1)
  for (let lane: u32 = 1; lane < lanes; lane++) {
    const last = block(lane, laneLength - 1)
    for (let i: usize = 0; i < BLOCK; i += 16) {
      v128.store(final + i, v128.xor(v128.load(final + i), v128.load(last + i)))
    }
  }
  return final
}

@inline function block(lane: u32, column: u32): usize {
  return matrix() + (<usize>lane * laneLength + column) * BLOCK
}
