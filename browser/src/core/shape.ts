/**
 * Reading JSON whose shape we do not trust: each reader returns the checked thing or throws Malformed.
 *
 * `code` says which document was wrong ("bad-roster", "bad-manifest"…), never what stood in it.
 */
import { isDay, isOrg, parseJson, parseTime, unb64url, type Json } from "./bytes.ts"
import { CoreError, Malformed } from "./errors.ts"

export type Members = { readonly [name: string]: Json | undefined }

export class Shape {
    constructor(private readonly code: string) {}

    fail(): never {
        throw new Malformed(this.code)
    }

    parse(source: Uint8Array | string): Members {
        return this.guarded(() => this.object(parseJson(source)))
    }

    object(value: Json | undefined): Members {
        if (typeof value !== "object" || value === null || Array.isArray(value)) this.fail()
        return value as Members
    }

    list<T>(value: Json | undefined, item: (one: Json) => T): T[] {
        if (!Array.isArray(value)) this.fail()
        return (value as Json[]).map(item)
    }

    string(value: Json | undefined): string {
        if (typeof value !== "string") this.fail()
        return value as string
    }

    integer(value: Json | undefined): number {
        if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) this.fail()
        return value as number
    }

    version(value: Json | undefined): 1 {
        if (value !== 1) this.fail()
        return 1
    }

    boolean(value: Json | undefined): boolean {
        if (typeof value !== "boolean") this.fail()
        return value as boolean
    }

    nullable<T>(value: Json | undefined, read: (value: Json | undefined) => T): T | null {
        return value === null ? null : read(value)
    }

    oneOf<T extends string>(value: Json | undefined, allowed: readonly T[]): T {
        if (allowed.indexOf(value as T) < 0) this.fail()
        return value as T
    }

    /** Base64url of `length` bytes; stays text. */
    binary(value: Json | undefined, length?: number): string {
        const s = this.string(value)
        this.guarded(() => unb64url(s, length))
        return s
    }

    /** 16 bytes. */
    id(value: Json | undefined): string {
        return this.binary(value, 16)
    }

    hash(value: Json | undefined): string {
        return this.binary(value, 32)
    }

    org(value: Json | undefined): string {
        const s = this.string(value)
        if (!isOrg(s)) this.fail()
        return s
    }

    day(value: Json | undefined): string {
        const s = this.string(value)
        if (!isDay(s)) this.fail()
        return s
    }

    time(value: Json | undefined): string {
        const s = this.string(value)
        this.guarded(() => parseTime(s))
        return s
    }

    private guarded<T>(read: () => T): T {
        try {
            return read()
        } catch (error) {
            if (error instanceof CoreError) this.fail()
            throw error
        }
    }
}
