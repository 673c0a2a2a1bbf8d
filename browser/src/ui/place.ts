/**
 * Where this page stands. The pages are the same bytes for every organisation: they learn it, and the
 * language, from the address, and keep the poster's anchor (`#r=…`) through every link.
 */

export interface Place {
    /** [a-z0-9-]{1,63}, or empty where the address names none. */
    readonly org: string
    readonly language: "en" | "zh"
    /** What stands after `#`: flags such as "record", and the anchor of a poster. */
    readonly flags: ReadonlySet<string>
    readonly anchor: string | null
}

export function place(at: { readonly pathname: string; readonly hash: string } = location): Place {
    const match = /^\/o\/([a-z0-9-]{1,63})\/(en|zh)(?:\/|$)/.exec(at.pathname)
    const pieces = at.hash.replace(/^#/, "").split("&")
    const anchor = pieces.find((piece) => /^r=[A-Za-z0-9_-]{22}$/.test(piece))
    return {
        org: match?.[1] ?? "",
        language: match?.[2] === "zh" ? "zh" : "en",
        flags: new Set(pieces.filter((piece) => /^[a-z-]+$/.test(piece))),
        anchor: anchor ? anchor.slice(2) : null,
    }
}

/** A link to a page of the same organisation that takes the anchor along. */
export function linkTo(page: string, here: Place = place()): string {
    if (!here.anchor) return page
    return page + (page.includes("#") ? "&" : "#") + "r=" + here.anchor
}

/** Adds the anchor to every link of the page marked `data-here`. */
export function carryAnchor(root: ParentNode = document): void {
    const here = place()
    if (!here.anchor) return
    root.querySelectorAll<HTMLAnchorElement>("a[data-here]").forEach((link) => {
        link.setAttribute("href", linkTo(link.getAttribute("href") ?? "", here))
    })
}
