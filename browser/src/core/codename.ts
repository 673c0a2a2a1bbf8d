/**
 * A neutral name for a case, derived from its id, so that a screen or a corridor says nothing.
 *
 * - digest = SHA-256("answerable/code-name/v1" || the id's 16 bytes)
 * - two words: a tree, stone, water or weather, and a place; bytes 0-1 and 2-3 of the digest, big-endian, modulo
 *   the length of that language's list
 * - where two cases of one list would share a name, both take a third word between (bytes 4-5, first list), and where
 *   that is not enough, a fourth after it (bytes 6-7, second list)
 */
import { sha256, unb64url, utf8 } from "./bytes.ts"

type Language = "en" | "zh"

const FIRST: Readonly<Record<Language, string>> = {
    en: `Alder Almond Amber Apple Ash Aspen Autumn Barley Basalt Bay Beech Birch Bramble Brass Briar Brick Broom Cedar
        Chalk Cherry Chestnut Clay Clover Cobalt Copper Coral Cork Cotton Cypress Damson Dune Elder Elm Ember Fern Fig
        Flint Fog Garnet Ginger Granite Grey Hazel Heather Hemp Hollow Holly Honey Indigo Ivory Ivy Jasmine Juniper
        Larch Laurel Lavender Lemon Lichen Lilac Lime Linden Linen Long Lower Maple Marble Meadow Mint Misty Moss
        Myrtle North Oak Ochre Olive Opal Pearl Pebble Pepper Pine Plain Plum Poplar Quartz Quiet Quince Reed Rowan
        Rush Saffron Sand Silver Slate Sorrel South Spruce Thistle Thyme Upper Walnut Willow`,
    zh: `白桦 青松 银杏 梧桐 香樟 垂柳 白杨 水杉 云杉 红枫 翠竹 芦苇 桂花 玉兰 海棠 丁香 茉莉 山茶 杏花 桃花
        梨花 樱桃 石榴 枇杷 柑橘 橄榄 核桃 板栗 莲叶 荷塘 菖蒲 薄荷 百里 紫苏 艾草 苜蓿 麦田 稻香 棉田 亚麻
        青石 白石 鹅卵 砂岩 花岗 石英 玛瑙 琥珀 珍珠 珊瑚 青瓷 白瓷 陶土 红砖 黛瓦 青铜 黄铜 锡箔 松烟 徽墨
        晨雾 薄云 细雨 春雨 秋霜 初雪 朝露 晚霞 清风 长风 月白 竹青 藕荷 鸦青 石绿 靛蓝 赭石 杏黄 米白 豆绿
        南坡 北岭 东篱 西岸 上游 下游 远山 平川 浅滩 深谷 小满 谷雨 白露 清明 立秋 霜降 芒种 寒露 春分 秋分`,
}
const SECOND: Readonly<Record<Language, string>> = {
    en: `Acre Alley Anchor Arbour Arch Archway Bank Barn Basin Bay Beacon Bend Bluff Boathouse Bridge Brook Burrow Canal
        Cape Causeway Chapel Cliff Common Copse Corner Cottage Court Cove Creek Crescent Croft Crossing Dale Dell Dock
        Dyke Estuary Falls Farm Fell Fen Ferry Field Finch Fjord Ford Forge Fountain Garden Gate Glade Glen Green
        Grove Gully Harbour Haven Heath Hedge Hill Hollow Inlet Island Jetty Junction Kiln Knoll Lagoon Lake Landing
        Lane Ledge Light Loch Lock Lodge March Marsh Mead Mere Mill Moor Mooring Orchard Park Pass Pasture Path Pier
        Plain Point Pond Quay Ridge River Shore Spinney Spring Stair Wharf`,
    zh: `渡口 石桥 长桥 廊桥 木桥 码头 堤岸 水湾 浅湾 河口 溪口 泉眼 水井 池塘 湖心 湖畔 江滨 海岬 沙洲 小岛
        灯塔 风车 水车 磨坊 窑口 粮仓 茶园 果园 菜圃 花圃 竹林 松林 草场 牧场 田埂 梯田 山口 山腰 山脚 坡顶
        岭上 谷底 崖边 石阶 台阶 小径 长巷 短巷 巷口 街角 路口 岔路 驿站 客栈 书院 学堂 凉亭 长亭 回廊 照壁
        院落 天井 窗台 门廊 阁楼 塔楼 钟楼 城门 城墙 集市 作坊 染坊 陶坊 木屋 石屋 船坞 船闸 水渠 水库 瀑布
        温泉 湿地 苇荡 沙丘 原野 草甸 树荫 林间 林边 屋檐 篱笆 栈道 栈桥 索桥 隧口 关口 界碑 路亭 晒场 港湾`,
}

const lists = (source: string): readonly string[] => source.trim().split(/\s+/)

/** The name of one case; `words` is 2, or more where two cases of a list would share a name. */
export function codeName(caseId: string, language: Language, words: 2 | 3 | 4 = 2): string {
    const digest = sha256(utf8("answerable/code-name/v1"), unb64url(caseId, 16))
    const first = lists(FIRST[language])
    const second = lists(SECOND[language])
    const pick = (list: readonly string[], at: number): string =>
        list[(((digest[at] as number) << 8) | (digest[at + 1] as number)) % list.length] as string
    const between = [pick(first, 4), pick(second, 6)].slice(0, words - 2)
    const names = [pick(first, 0), ...between, pick(second, 2)]
    return names.join(language === "zh" ? "" : " ")
}

/** Names for a whole list, no two alike as long as four words can tell them apart. */
export function codeNames(caseIds: readonly string[], language: Language): ReadonlyMap<string, string> {
    const names = new Map(caseIds.map((id) => [id, codeName(id, language)]))
    for (const words of [3, 4] as const) {
        const seen = new Map<string, number>()
        for (const name of names.values()) seen.set(name, (seen.get(name) ?? 0) + 1)
        for (const [id, name] of names) if ((seen.get(name) ?? 0) > 1) names.set(id, codeName(id, language, words))
    }
    return names
}
