/** Proofs of RFC 6962 / RFC 9162 trees: that a leaf is in one, that one continues another. */
import { equal, sha256 } from "./bytes.ts"
import { Refused } from "./errors.ts"

/** RFC 6962, 2.1: the parent of two nodes. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
    return sha256(Uint8Array.of(1), left, right)
}

// Sizes go up to 2^53, so no bit operators, which cut to 32 bits.
const half = (n: number): number => Math.floor(n / 2)
const odd = (n: number): boolean => n % 2 === 1

/** RFC 9162, 2.1.3.2. Throws Refused "bad-inclusion-proof". */
export function verifyInclusion(
    leaf: Uint8Array,
    index: number,
    size: number,
    proof: readonly Uint8Array[],
    root: Uint8Array,
): void {
    const fail = (): never => {
        throw new Refused("bad-inclusion-proof")
    }
    if (index < 0 || index >= size || leaf.length !== 32) fail()
    let fn = index
    let sn = size - 1
    let hash = leaf
    for (const node of proof) {
        if (node.length !== 32 || sn === 0) fail()
        if (odd(fn) || fn === sn) {
            hash = nodeHash(node, hash)
            while (!odd(fn) && fn !== 0) {
                fn = half(fn)
                sn = half(sn)
            }
        } else {
            hash = nodeHash(hash, node)
        }
        fn = half(fn)
        sn = half(sn)
    }
    if (sn !== 0 || !equal(hash, root)) fail()
}

/**
 * RFC 9162, 2.1.4.2. Consistency with the empty tree proves nothing and is refused.
 *
 * Throws Refused "bad-consistency-proof".
 */
export function verifyConsistency(
    size1: number,
    root1: Uint8Array,
    size2: number,
    root2: Uint8Array,
    proof: readonly Uint8Array[],
): void {
    const fail = (): never => {
        throw new Refused("bad-consistency-proof")
    }
    if (size1 <= 0 || size2 < size1 || proof.some((node) => node.length !== 32)) fail()
    if (size1 === size2) {
        if (proof.length !== 0 || !equal(root1, root2)) fail()
        return
    }
    if (proof.length === 0) fail()
    const nodes = isPowerOfTwo(size1) ? [root1, ...proof] : [...proof]
    let fn = size1 - 1
    let sn = size2 - 1
    while (odd(fn)) {
        fn = half(fn)
        sn = half(sn)
    }
    let first = nodes[0] as Uint8Array
    let second = first
    for (const node of nodes.slice(1)) {
        if (sn === 0) fail()
        if (odd(fn) || fn === sn) {
            first = nodeHash(node, first)
            second = nodeHash(node, second)
            while (!odd(fn) && fn !== 0) {
                fn = half(fn)
                sn = half(sn)
            }
        } else {
            second = nodeHash(second, node)
        }
        fn = half(fn)
        sn = half(sn)
    }
    if (sn !== 0 || !equal(first, root1) || !equal(second, root2)) fail()
}

function isPowerOfTwo(n: number): boolean {
    let rest = n
    while (rest > 1 && !odd(rest)) rest = half(rest)
    return rest === 1
}
