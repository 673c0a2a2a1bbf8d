/**
 * What this browser is and what it can't do, before anybody types.
 *
 * In-app browsers (WeChat's and its like) drop downloads silently, may record the pages opened and
 * have no passkeys; sealing works there all the same, since it is plain JavaScript.
 */

export type App = "wechat" | "wecom" | "dingtalk" | "feishu" | "qq" | "weibo" | "alipay" | "other"

/** The app that this page was opened in, or null in a real browser. */
export function appOf(agent: string): App | null {
    if (/wxwork/i.test(agent)) return "wecom" // says MicroMessenger too: first
    if (/MicroMessenger/i.test(agent)) return "wechat"
    if (/DingTalk/i.test(agent)) return "dingtalk"
    if (/Lark|Feishu/i.test(agent)) return "feishu"
    if (/Weibo/i.test(agent)) return "weibo"
    if (/AlipayClient/i.test(agent)) return "alipay"
    if (/ QQ\/[\d.]+/.test(agent)) return "qq"
    if (/FBAN|FBAV|Instagram|Line\/|LinkedInApp|Slack|Teams\/|TwitterAndroid|TikTok|musical_ly|BytedanceWebview|; wv\)/i.test(agent)) return "other"
    return null
}

/** Apps that an employer commonly administers: what happens in them is the employer's to see. */
export function companyRuns(app: App): boolean {
    return app === "wecom" || app === "dingtalk" || app === "feishu"
}

/** Whether sealing can work here: modern JavaScript, a source of randomness, streams. `crypto.subtle` is not needed. */
export function canSealHere(): boolean {
    return typeof crypto === "object" && typeof crypto.getRandomValues === "function" && typeof BigInt === "function"
        && typeof ReadableStream === "function" && typeof TextEncoder === "function"
}
