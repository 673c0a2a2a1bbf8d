"""Every sentence about a package, in both languages: why it was refused, and what was repaired."""

import unicodedata
from dataclasses import dataclass

from answerable.training.errors import TrainingError

LONGEST_NAME = 120
"""Characters of a member's name that a sentence shows."""

REFUSALS: dict[str, tuple[str, str]] = {
    "unreadable": ("The file can't be read: {why}.", "文件读不出来：{why}。"),
    "empty": ("The file is empty.", "文件是空的。"),
    "huge_file": (
        "The file is {size} MB; a package may have {limit} MB.",
        "文件有 {size} MB，课件包最多 {limit} MB。",
    ),
    "not_zip": (
        "This is not a zip file but {what}. Publish the course again as SCORM and upload the zip it makes.",
        "这不是 zip 文件，而是{what}。请在制作软件里按 SCORM 重新发布，上传它生成的 zip。",
    ),
    "truncated": (
        "The zip is cut off: its list of members is missing or incomplete. Copy or download it again.",
        "zip 不完整：缺少成员目录或目录残缺。请重新复制或下载。",
    ),
    "broken": (
        "The zip's list of members is damaged at member {member}.",
        "zip 的成员目录在 {member} 处损坏。",
    ),
    "split": (
        "The zip is one part of several. Join them into one file.",
        "这是分卷压缩中的一卷。请合成一个文件。",
    ),
    "before": (
        "There is something else before the zip begins, so the file is two things at once.",
        "zip 开头之前还有别的内容，这个文件同时是两种东西。",
    ),
    "no_members": ("The zip has no files in it.", "zip 里没有文件。"),
    "too_many": ("The zip holds more than {limit} files.", "zip 里的文件超过 {limit} 个。"),
    "too_big": (
        "The zip unpacks to more than {limit} MB; member {member} goes past it.",
        "解开后超过 {limit} MB，到 {member} 时已经超出。",
    ),
    "bomb": (
        "Member {member} unpacks to more than {limit} times its packed size, as a zip bomb does.",
        "{member} 解开后超过压缩大小的 {limit} 倍，像是压缩炸弹。",
    ),
    "encrypted": (
        "Member {member} is encrypted. Make the zip without a password.",
        "{member} 加了密。请不设密码重新压缩。",
    ),
    "method": (
        "Member {member} is compressed in a way (method {method}) that SCORM does not allow.",
        "{member} 的压缩方式（{method} 号）不是 SCORM 允许的。",
    ),
    "symlink": (
        "Member {member} is a link to another place, not a file.",
        "{member} 是指向别处的链接，不是文件。",
    ),
    "special": (
        "Member {member} is a device or a pipe, not a file.",
        "{member} 是设备或管道，不是文件。",
    ),
    "overlap": (
        "Member {member} lies over another member in the zip, as a zip bomb's do.",
        "{member} 在 zip 里和别的成员重叠，像是压缩炸弹。",
    ),
    "two_names": (
        "Member {member} has another name in its own header.",
        "{member} 在自己的文件头里是另一个名字。",
    ),
    "lies": (
        "Member {member} is larger than the zip says.",
        "{member} 比 zip 里写的大。",
    ),
    "damaged": ("Member {member} is damaged; its checksum is wrong.", "{member} 已损坏，校验不符。"),
    "traversal": (
        "Member {member} points out of the package (“..” in its name).",
        "{member} 的名字里有“..”，指向课件包之外。",
    ),
    "absolute": (
        "Member {member} has an absolute path.",
        "{member} 是绝对路径。",
    ),
    "control": (
        "The name of member {member} holds characters that hide what it is.",
        "{member} 的名字里有隐藏真名的字符。",
    ),
    "long_name": ("The name of member {member} is too long.", "{member} 的名字太长。"),
    "backslash": (
        "Member {member} has a backslash in its name, and the manifest does not say that it means a folder.",
        "{member} 的名字里有反斜杠，清单也没说明它代表文件夹。",
    ),
    "duplicate": (
        "Member {member} is there twice, with different contents.",
        "{member} 出现了两次，内容不一样。",
    ),
    "file_and_folder": (
        "Member {member} is a file and a folder at once.",
        "{member} 既是文件又是文件夹。",
    ),
    "program": (
        "Member {member} is a program or a server's script; a course is made of pages only.",
        "{member} 是程序或服务器脚本；课件里只能有网页内容。",
    ),
    "nested": (
        "Member {member} is an archive that unpacks to far more than it seems, or holds further archives.",
        "{member} 是一个压缩包，解开后远大于它看起来的样子，或者里面还套着压缩包。",
    ),
    "inner_package": (
        "There is no imsmanifest.xml, only another zip inside: unpack it and upload {member} itself.",
        "里面没有 imsmanifest.xml，只有另一个 zip：请解开，直接上传 {member}。",
    ),
    "no_manifest": (
        "There is no imsmanifest.xml in the zip, so it is not a SCORM package.",
        "zip 里没有 imsmanifest.xml，不是 SCORM 课件包。",
    ),
    "web_page": (
        "There is no imsmanifest.xml, only a web page ({member}). Publish the course for an LMS, as SCORM 1.2 or 2004.",
        "里面没有 imsmanifest.xml，只有网页（{member}）。请选择发布到学习平台，格式用 SCORM 1.2 或 2004。",
    ),
    "other_kind": (
        "Member {member} says that this is {what}, not SCORM. Publish the course again as SCORM 1.2 or 2004.",
        "{member} 表明这是 {what}，不是 SCORM。请按 SCORM 1.2 或 2004 重新发布。",
    ),
    "two_courses": (
        "There are two courses in the zip, {member} and {other}. Upload one at a time.",
        "zip 里有两门课：{member} 和 {other}。请一次上传一门。",
    ),
    "manifest_huge": ("{member} is too large to be a manifest.", "{member} 太大，不像清单文件。"),
    "doctype": (
        "{member} declares a document type (DTD) or entities, which a manifest never needs and which can be used for attacks.",
        "{member} 声明了文档类型（DTD）或实体；清单用不着它们，而它们可以用来攻击。",
    ),
    "not_xml": ("{member} is not XML: line {line}, {why}.", "{member} 不是 XML：第 {line} 行，{why}。"),
    "too_deep": (
        "{member} has too many elements or nests them too deeply.",
        "{member} 的元素太多或嵌套太深。",
    ),
    "not_manifest": (
        "{member} is XML but no manifest: it begins with <{element}>.",
        "{member} 是 XML，但不是清单：开头是 <{element}>。",
    ),
    "scorm_old": (
        "{member} says SCORM {version}, which is older than 1.2. Publish the course again as SCORM 1.2 or 2004.",
        "{member} 写的是 SCORM {version}，比 1.2 还早。请按 SCORM 1.2 或 2004 重新发布。",
    ),
    "version_unknown": (
        "{member} says version “{version}”, which is neither SCORM 1.2 nor 2004.",
        "{member} 写的版本是“{version}”，既不是 SCORM 1.2 也不是 2004。",
    ),
    "nothing": (
        "Nothing in this package can be started: {why} in {member}.",
        "这个课件包里没有能启动的内容：{member} 里{why}。",
    ),
    "remote": (
        "{member} starts “{href}”, which is not in the package but somewhere else.",
        "{member} 要启动的“{href}”不在课件包里，在别处。",
    ),
    "outside": (
        "{member} starts “{href}”, which lies outside the package.",
        "{member} 要启动的“{href}”在课件包之外。",
    ),
    "no_launch": (
        "{member} starts “{href}”, but the package holds no such file.",
        "{member} 要启动“{href}”，但课件包里没有这个文件。",
    ),
    "not_page": (
        "{member} starts “{href}”, which a browser can't open as a page.",
        "{member} 要启动“{href}”，浏览器不能把它当网页打开。",
    ),
}
WHY = {
    "no_organisation": ("there is no organisation", "没有 organization"),
    "no_item": ("there is no item that refers to a resource", "没有指向资源的 item"),
    "no_resource": ("the items refer to resources that are not there", "item 指向的资源不存在"),
    "no_sco": ("no resource is a SCO", "没有一个资源是 SCO"),
    "no_href": ("the SCO names no file", "SCO 没有写文件名"),
}

REPAIRS: dict[str, tuple[str, str]] = {
    "folder": (
        "The course lay in the folder “{member}”; it was taken out of it.",
        "课件放在文件夹“{member}”里，已取出。",
    ),
    "beside": (
        "{count} files beside the course's folder were left out, such as {member}.",
        "课件文件夹之外有 {count} 个文件未收入，例如 {member}。",
    ),
    "junk": (
        "{count} files that a system adds by itself were left out, such as {member}.",
        "系统自动生成的 {count} 个文件未收入，例如 {member}。",
    ),
    "server_settings": (
        "{member} holds settings for a web server and was left out.",
        "{member} 是网站服务器的设置，未收入。",
    ),
    "names": (
        "{count} file names were not in UTF-8 and were read as {encoding}, such as {member}.",
        "{count} 个文件名不是 UTF-8，按 {encoding} 读出，例如 {member}。",
    ),
    "names_unmarked": (
        "{count} file names in UTF-8 were not marked as such, such as {member}.",
        "{count} 个 UTF-8 文件名没有标明编码，例如 {member}。",
    ),
    "slashes": (
        "Backslashes in {count} file names were read as folders, such as {member}.",
        "{count} 个文件名里的反斜杠按文件夹读，例如 {member}。",
    ),
    "tidy_names": ("The name of {member} was tidied.", "{member} 的名字已整理。"),
    "twice": (
        "{member} was stored twice with the same contents; once is enough.",
        "{member} 存了两份，内容相同，只留一份。",
    ),
    "trailing": ("Bytes after the end of the zip were passed over.", "zip 末尾之后的字节已略过。"),
    "manifest_name": (
        "The manifest is called {member}; it was read as imsmanifest.xml.",
        "清单名为 {member}，按 imsmanifest.xml 读。",
    ),
    "bom": ("The byte order mark before {member} was passed over.", "{member} 开头的字节顺序标记已略过。"),
    "leading": (
        "Blank space before the XML of {member} was passed over.",
        "{member} 的 XML 之前的空白已略过。",
    ),
    "recoded": (
        "{member} was not in the encoding that it names; it was read as {encoding}.",
        "{member} 的实际编码与所写不符，按 {encoding} 读。",
    ),
    "after": ("What follows the end of {member} was passed over.", "{member} 结尾之后的内容已略过。"),
    "controls": ("Control characters in {member} were passed over.", "{member} 里的控制字符已略过。"),
    "more": ("There were {count} more repairs of these kinds.", "同类的修正另有 {count} 处。"),
    "ampersand": (
        "Signs “&” in {member} were not written as XML wants and were read as they were meant.",
        "{member} 里的“&”不合 XML 写法，已按原意读出。",
    ),
    "no_namespace": (
        "{member} does not declare its namespace; it was read as a SCORM manifest.",
        "{member} 没有声明命名空间，按 SCORM 清单读。",
    ),
    "prefix": (
        "{member} uses the prefix “{prefix}” without declaring it.",
        "{member} 用了前缀“{prefix}”却没有声明。",
    ),
    "no_version": (
        "{member} names no schema version; it was read as SCORM {version}.",
        "{member} 没写 schemaversion，按 SCORM {version} 读。",
    ),
    "version": (
        "{member} says version “{given}”; by its namespace it was read as SCORM {version}.",
        "{member} 写的版本是“{given}”，依命名空间按 SCORM {version} 读。",
    ),
    "schema": ("{member} names no schema “ADL SCORM”.", "{member} 没有写 schema “ADL SCORM”。"),
    "default_organisation": (
        "{member} names no default organisation that exists; the first was taken.",
        "{member} 没有指明存在的默认 organization，取第一个。",
    ),
    "ids": (
        "The identifier “{identifier}” stands twice in {member}; the first counts.",
        "标识“{identifier}”在 {member} 里出现两次，以第一个为准。",
    ),
    "reference": (
        "The item “{identifier}” refers to nothing and was left out.",
        "项目“{identifier}”没有指向任何资源，未收入。",
    ),
    "reference_case": (
        "The item “{identifier}” writes its resource's identifier in other letters.",
        "项目“{identifier}”所写的资源标识大小写不同。",
    ),
    "sco": (
        "The resource “{identifier}” does not say what it is; it was taken as a SCO.",
        "资源“{identifier}”没写类型，当作 SCO。",
    ),
    "href_case": ("“{href}” is called {member} in the package.", "“{href}”在课件包里叫 {member}。"),
    "href_written": ("“{href}” was read as {member}.", "“{href}”按 {member} 读。"),
    "missing": (
        "{count} files that the manifest lists are not in the package, such as “{href}”; nothing is started from them.",
        "清单列出的 {count} 个文件不在课件包里，例如“{href}”；它们不是启动文件。",
    ),
}


@dataclass(frozen=True)
class Said:
    """One sentence of REFUSALS or REPAIRS with what fills it."""

    kind: str
    values: tuple[tuple[str, str], ...] = ()

    def text(self, language: str = "en") -> str:
        """The sentence in `en` or `zh`."""
        column = 1 if language.startswith("zh") else 0
        values = {name: _other(value, column) for name, value in self.values}
        return (REFUSALS | REPAIRS)[self.kind][column].format(**values)


class BadPackage(TrainingError):
    """A package that may not come in; `said` is the reason, in both languages."""

    def __init__(self, kind: str, **values: str | int) -> None:
        self.said = said(kind, **values)
        super().__init__(self.said.text("en"))


def said(kind: str, **values: str | int) -> Said:
    """A sentence whose values can't break a terminal or hide what they are."""
    return Said(kind, tuple((name, shown(str(value))) for name, value in values.items()))


def shown(name: str) -> str:
    """A name from a package as it may be shown: no control or bidi characters, not too long."""
    clean = "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(each)[0] == "C" else each for each in name[:2000]
    )
    return clean if len(clean) <= LONGEST_NAME else f"{clean[: LONGEST_NAME - 30]}…{clean[-29:]}"


def _other(value: str, column: int) -> str:
    return WHY[value][column] if value in WHY else WHAT[value][column] if value in WHAT else value


WHAT = {
    "rar": ("a RAR archive", " RAR 压缩包"),
    "7z": ("a 7z archive", " 7z 压缩包"),
    "gzip": ("a gzip archive", " gzip 压缩包"),
    "tar": ("a tar archive", " tar 包"),
    "pdf": ("a PDF", " PDF"),
    "program": ("a program", "程序"),
    "office": ("an old Office document", "旧版 Office 文档"),
    "page": ("a web page or XML", "网页或 XML"),
    "something": ("something else", "别的文件"),
    "aicc": ("an AICC course", "AICC 课程"),
    "xapi": ("an xAPI (Tin Can) course", "xAPI（Tin Can）课程"),
    "cmi5": ("a cmi5 course", "cmi5 课程"),
    "h5p": ("an H5P activity", "H5P 活动"),
    "moodle": ("a Moodle backup", "Moodle 备份"),
    "ooxml": ("an Office document", "Office 文档"),
    "epub": ("an EPUB book", "EPUB 电子书"),
    "exe_source": ("an eXeLearning project", "eXeLearning 工程文件"),
    "cartridge": ("an IMS Common Cartridge", "IMS 通用课件包（Common Cartridge）"),
    "qti": ("an IMS QTI test", "IMS QTI 试题包"),
    "ims": ("a plain IMS content package", "普通的 IMS 内容包"),
}
