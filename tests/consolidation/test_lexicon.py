"""The lexicon: what is said about a bad edit, and which labels are one fact, two facts, or a question for a person.

The pairs below are the specification of data/lexicon. They come from public knowledge of the field (laws, national standards,
departments' forms); the reasons for the less obvious ones stand beside them.
"""

import shutil
from pathlib import Path

import pytest

from consolidation.lexicon import check_lexicon, load_lexicon, normalise
from consolidation.lexicon.load import FOLDER
from consolidation.match.merge import merge
from forms.model import Address, Field, Form, Kind, Rect, ValueType

LEXICON = load_lexicon()


def test_shipped_lexicon_has_no_faults() -> None:
    assert check_lexicon() == []


def test_it_covers_the_field() -> None:
    assert len(LEXICON.concepts) >= 1000
    assert len(LEXICON.groups) >= 200
    assert len(LEXICON.concept_words) >= 7000


@pytest.mark.parametrize(
    ("group", "ages"),
    [
        ("elderly", (60, None)),  # 老年人权益保障法 第二条
        ("minor", (0, 17)),  # 未成年人保护法 第二条
        ("left-behind-child", (0, 15)),  # 国发〔2016〕13号：不满十六周岁
        ("infant", (0, 2)),  # 国办发〔2019〕15号：3岁以下
        ("oldest", (80, None)),
        ("working-age", (16, 59)),
        ("fertile-women", (15, 49)),
    ],
)
def test_groups_defined_by_law_carry_their_ages_and_source(group: str, ages: tuple[int | None, int | None]) -> None:
    found = LEXICON.groups[group]
    assert found.age == ages
    assert found.source


# --- what is said about a bad edit --------------------------------------------------------------------------------------

_SMALL = {
    "concepts/person.yml": """
- {id: name, name: 姓名, of: [person], measure: identity, type: text, words: [姓名]}
- {id: sex, name: 性别, of: [person], measure: attribute, type: choice, codes: GB/T 2261.1, words: [性别]}
- {id: phone, name: 联系电话, of: [person, household], lift: household, measure: attribute, type: text, words: [联系电话]}
- {id: mobile, name: 手机, of: [person], measure: attribute, type: text, words: [手机号码], misprints: [手机号妈]}
- {id: uscc, name: 信用代码, of: [organisation], measure: identity, type: text, words: [信用代码]}
""",
    "groups.yml": """
- {id: low-income, name: 低保对象, default: person, words: [低保对象, 低保户]}
- {id: migrants, name: 水库移民, default: person, words: [水库移民]}
""",
    "qualifiers.yml": "- {kind: change, value: added, name: 新增, words: [新增]}",
    "terms.yml": "- [路灯, 村内路灯]",
    "roles.yml": "- {id: guardian, name: 监护人, words: [监护人]}",
    "units.yml": """
person: {base: 人, units: {人: "1"}}
household: {base: 户, units: {户: "1"}}
money: {base: 元, units: {元: "1"}}
""",
    "measures.yml": "- {id: persons, name: 人数, dimension: person, endings: [人数]}",
    "subjects.yml": "- {entity: person, words: [人员]}",
    "near.yml": "- [phone, mobile, 联系电话可能就是手机]",
}
_PLAIN = "of: [person], measure: attribute, type: text"


def _small(folder: Path) -> Path:
    """A small lexicon without faults, so that an edit's faults are its own; files not given here are the shipped ones."""
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("concepts", *_SMALL))
    (folder / "concepts").mkdir()
    for file, text in _SMALL.items():
        (folder / file).write_text(text.strip() + "\n", encoding="utf-8")
    return folder


def test_the_small_lexicon_has_no_faults(tmp_path: Path) -> None:
    assert check_lexicon(_small(tmp_path / "lexicon")) == []


@pytest.mark.parametrize(
    ("file", "line", "said"),
    [
        ("concepts/x.yml", f"- {{id: sex, name: 性别二, {_PLAIN}, words: [性别情形]}}", "概念编号重复"),
        ("concepts/x.yml", f"- {{id: x-one, name: 甲, {_PLAIN}, words: []}}", "没有任何叫法"),
        ("concepts/x.yml", f"- {{id: x-one, name: 甲, {_PLAIN}, words: [性别]}}", "一个叫法只能指一个概念"),
        ("concepts/x.yml", "- {id: x-one, name: 甲, of: [dog], measure: attribute, type: text, words: [甲]}", "of 写成了"),
        ("concepts/x.yml", "- {id: x-one, name: 甲, of: [person], measure: mass, type: text, words: [甲]}", "measure 写成了"),
        ("concepts/x.yml", "- {id: x-one, name: 甲, of: [person], measure: attribute, type: memo, words: [甲]}", "type 写成了"),
        ("concepts/x.yml", f"- {{id: x-one, name: 甲, {_PLAIN}, codes: GB/T 0000, words: [甲]}}", "没有这个代码表"),
        ("concepts/x.yml", f"- {{id: x-one, name: 甲, {_PLAIN}, lift: household, words: [甲]}}", "lift"),
        ("concepts/x.yml", f"- {{id: x-one, name: 甲, {_PLAIN}, words: [甲情形(元)]}}", "永远用不到"),
        ("concepts/x.yml", f"- {{id: x-one, name: 甲, {_PLAIN}, words: [1.甲情形]}}", "永远用不到"),
        ("concepts/x.yml", f"- {{id: x-one, name: 甲, {_PLAIN}, words: [方式]}}", "vague"),
        ("concepts/x.yml", f"- {{id: x-one, name: 甲, {_PLAIN}, words: [缴费时间]}}", "once"),
        ("concepts/x.yml", f"- {{id: x-one, name: 甲, {_PLAIN}, words: [监护人]}}", "指一个人"),
        ("concepts/x.yml", f"- {{id: is-x, name: 是否甲, {_PLAIN}, words: [是否甲, 是否水库移民]}}", "人群名"),
        ("concepts/x.yml", f"- {{id: x-one, name: 甲, {_PLAIN}}}", "缺少必填项"),
        ("concepts/x.yml", "- {id: x-one", "不是合法的 YAML"),
        ("near.yml", "- [phone, no-such, 理由]", "不存在"),
        ("near.yml", '- ["@no-such", "@low-income", 理由]', "不存在"),
        ("near.yml", "- [sex, name, '']", "没有写原因"),
        ("near.yml", "- [sex, sex, 理由]", "与自己配成了一对"),
        ("near.yml", "- [sex, uscc, 理由]", "永远问不到"),
        ("near.yml", "- [mobile, phone, 理由]", "写了两次"),
        ("groups.yml", "- {id: x-group, name: 甲, default: person, words: [低保户]}", "同时属于"),
        ("groups.yml", "- {id: x-group, name: 甲, default: person, same_as: no-such, words: [甲类人]}", "same_as"),
        ("groups.yml", "- {id: x-group, name: 甲, default: people, words: [甲类人]}", "default 写成了"),
        ("qualifiers.yml", "- {kind: time, value: x, name: 甲, words: [新增]}", "只能有一种读法"),
        ("terms.yml", "- [甲设施, 低保户]", "只能有一种读法"),
        ("terms.yml", "- [甲设施, 路灯]", "只能有一种读法"),
        ("roles.yml", "- {id: x-role, name: 甲, words: [监护人]}", "roles.yml"),
        ("units.yml", 'x-dimension: {base: 甲, units: {户: "1"}}', "units.yml"),
        ("measures.yml", "- {id: x-measure, name: 甲, dimension: person, endings: [人数]}", "measures.yml"),
    ],
)
def test_a_bad_edit_is_said_in_words(tmp_path: Path, file: str, line: str, said: str) -> None:
    folder = _small(tmp_path / "lexicon")
    with (folder / file).open("a", encoding="utf-8") as stream:
        stream.write(line + "\n")
    found = check_lexicon(folder)
    assert any(said in problem for problem in found), found


# --- which labels are one fact ------------------------------------------------------------------------------------------


def _field(number: int, label: str) -> Field:
    """A field from `label` or `label#unit`; captions stand before it, divided by " / "."""
    words, _, unit = label.partition("#")
    path = tuple(words.split(" / "))
    kind = ValueType.NUMBER if unit else ValueType.TEXT
    return Field(f"f{number}", Address("表", 1, number + 1), path, path[-1], unit=unit, type=kind)


def _form(file: str, title: str, kind: Kind, labels: list[str]) -> Form:
    return Form("表", file, "表", title, kind, tuple(_field(i, x) for i, x in enumerate(labels)), {}, Rect(1, 1, 2, 99))


_SUBJECTS = {
    "person": (Kind.ROSTER, ("甲类人员登记表", "乙类人员信息采集表"), ["姓名", "性别"]),
    "household": (Kind.CARD, ("农户情况登记表", "住户情况调查表"), ["户主姓名", "家庭住址", "家庭类型"]),
    "organisation": (Kind.ROSTER, ("企业登记表", "生产经营单位台账"), ["注册资本", "行业类别", "企业规模"]),
    "dwelling": (Kind.ROSTER, ("自建房排查表", "出租房屋登记表"), ["房屋编码", "套内面积", "所在小区"]),
    "place": (Kind.STATISTIC, ("村基本情况统计表", "行政村情况表"), ["党小组数#个", "村干部人数#人", "自然村个数#个", "公厕#座"]),
}


def verdict(subject: str, left: str, right: str) -> str:
    """same, ask or apart: two forms about one kind of subject, one label each beside those that show what it is about."""
    kind, titles, frame = _SUBJECTS[subject]
    forms = [
        _form(file, title, kind, [*frame, label])
        for file, title, label in zip(("a.xlsx", "b.xlsx"), titles, (left, right), strict=True)
    ]
    merged = merge(forms, LEXICON)
    last = f"f{len(frame)}"
    for element in merged.elements:
        if {(m.form.file, m.field.id) for m in element.members} >= {("a.xlsx", last), ("b.xlsx", last)}:
            return "same"
    asked = {frozenset(((r.a.file, r.a.field), (r.b.file, r.b.field))) for r in merged.review}
    return "ask" if frozenset((("a.xlsx", last), ("b.xlsx", last))) in asked else "apart"


PAIRS = """
same person 身份证号 = 公民身份号码
same person 身份证号码(必填) = 居民身份证号码
same person 身分证号 = 身份证号
same person 联系方式 = 联系电话
same person 手机号码 = 移动电话
same person 联系电话(手机) = 手机号
same person 出生年月日 = 出生日期
same person 文化程度 = 最高学历
same person 户籍所在地 = 户籍地详细地址
same person 户口登记地址 = 户籍地址
same person 现居住地址 = 现住址
same person 实际居住地 = 现住地详细地址
same person 政治面目 = 政治面貌
same person 婚姻情况 = 婚姻状况
same person 服务处所 = 工作单位
same person 身体状况 = 健康状况
same person 残疾人证号 = 残疾证号码
same person 残疾类型 = 残疾类别
same person 残疾级别 = 残疾等级
same person 入伍年月 = 参军时间
same person 退伍时间 = 退役日期
same person 入党日期 = 加入党组织时间
same person 监护人姓名 = 监护人
same person 监护人联系方式 = 监护人联系电话
same person 配偶身份证号 = 配偶公民身份号码
same person 是否享受低保 = 是否低保对象
same person 是否党员 = 是否中共党员
same person 党员 = 是否党员
same person 供养形式 = 供养方式
same person 居住证号码 = 居住证编号
same person 生活自理能力 = 自理程度
same person 既往史 = 既往病史
same person 是否参加城乡居民医保 = 城乡居民基本医疗保险
same person 是否参加养老保险 = 参加养老保险情况
same person 家庭医生签约情况 = 是否签约家庭医生
same person 矫正类型 = 社区矫正类别
same person 刑满释放时间 = 释放日期
same person 困境类型 = 困境儿童类别
same person 悬挂光荣牌情况 = 是否悬挂光荣牌
same person 开户行 = 开户银行名称
same person 银行卡号 = 银行账号
same person 与户主的关系 = 与户主关系
same person 学籍编号 = 学籍号
same person 避孕方法 = 避孕措施
same person 火化时间 = 火化日期
same person 就读学校名称 = 所在学校
ask person 联系电话 = 手机号码
ask person 家庭住址 = 现住址
ask person 家庭住址 = 户籍地址
ask person 通讯地址 = 家庭住址
ask person 暂住地址 = 现住址
ask person 出生年月 = 出生日期
ask person 证件号码 = 身份证号
ask person 身份证号 = 社会保障号码
ask person 残疾类别 = 残疾类别及等级
ask person 职务 = 岗位
ask person 工作单位 = 工作单位及职务
ask person 单位 = 工作单位
ask person 就业状况 = 是否就业
ask person 低保类别 = 低保档次
ask person 特长 = 兴趣爱好
ask person 医疗保险类型 = 是否参加医疗保险
ask person 新农合 = 城乡居民医保
ask person 月养老金 = 退休金
ask person 一卡通账号 = 银行账号
ask person 社保卡号 = 社会保障号码
ask person 学籍号 = 学号
ask person 毕业院校 = 毕业院校及专业
ask person 失能等级 = 护理等级
ask person 派出所 = 户籍派出所
ask person 优待证号 = 退役证号
ask person 入党时间 = 转正时间
ask person 缴费档次 = 缴费档次
ask person 评估等级 = 评估等级
ask person 是否贫困户 = 是否建档立卡户
apart person 户籍地址 = 现住址
apart person 户籍地址(省) = 户籍地址
apart person 户籍地派出所 = 居住地派出所
apart person 姓名 = 监护人姓名
apart person 姓名 = 曾用名
apart person 户主姓名 = 姓名
apart person 父亲姓名 = 母亲姓名
apart person 监护人姓名 = 受委托监护人姓名
apart person 监护人联系电话 = 联系电话
apart person 联系人电话 = 紧急联系人电话
apart person 身份证号 = 残疾证号
apart person 残疾类别 = 残疾等级
apart person 残疾等级 = 伤残等级
apart person 出生日期 = 年龄
apart person 出生日期 = 农历生日
apart person 身高 = 体重
apart person 入党时间 = 申请入党时间
apart person 入伍时间 = 退役时间
apart person 参加工作时间 = 退休时间
apart person 工作单位 = 单位地址
apart person 是否低保对象 = 是否特困人员
apart person 是否脱贫户 = 是否监测对象
apart person 是否独居老人 = 是否留守老人
apart person 是否参加医疗保险 = 是否参加养老保险
apart person 是否参加养老保险 = 是否参加失业保险
apart person 是否享受失业保险 = 是否参加工伤保险
apart person 是否留守儿童 = 是否困境儿童
apart person 是否孤儿 = 是否事实无人抚养儿童
apart person 月收入 = 家庭月收入
apart person 居住证号 = 居住证有效期
apart person 吸烟情况 = 饮酒情况
apart person 收缩压 = 舒张压
apart person 矫正开始日期 = 矫正结束日期
apart person 刑期起始日期 = 释放日期
apart person 高龄津贴金额 = 月养老金
apart person 分娩日期 = 末次月经时间
apart person 银行账号 = 开户银行
apart person 困难残疾人生活补贴 = 重度残疾人护理补贴
apart person 培训意愿 = 就业意愿
same household 家庭总人口 = 家庭人口数
same household 致贫原因 = 主要致贫原因
same household 家庭年收入#元 = 家庭年总收入#万元
same household 低保证编号 = 低保证号
same household 联系电话 = 户主联系电话
same household 饮用水来源 = 饮用水源
same household 宅基地占地面积#平方米 = 宅基地面积#平方米
same household 土地确权面积#亩 = 确权面积#亩
ask household 家庭人口数 = 家庭常住人口数
ask household 家庭人均收入#元 = 家庭人均年收入#元
ask household 致贫原因 = 返贫致贫风险类型
ask household 厕所类型 = 是否卫生厕所
ask household 承包地面积#亩 = 确权面积#亩
ask household 经营性收入#元 = 经营净收入#元
ask household 务工收入#元 = 工资性收入#元
ask household 住房面积#平方米 = 建筑面积#平方米
ask household 房屋性质 = 房屋产权
apart household 家庭年收入#元 = 家庭月收入#元
apart household 家庭年收入#元 = 家庭年支出#元
apart household 家庭年收入#元 = 家庭人均年收入#元
apart household 建筑面积#平方米 = 占地面积#平方米
apart household 宅基地面积#平方米 = 承包地面积#亩
apart household 土地流出面积#亩 = 土地流入面积#亩
apart household 户主姓名 = 配偶姓名
apart household 家庭人口数 = 家庭劳动力人数
apart household 是否危房 = 是否危房改造
same organisation 企业全称 = 单位名称
same organisation 社会信用代码 = 统一社会信用代码
same organisation 法人代表 = 法定代表人姓名
same organisation 实际经营地址 = 经营场所
same organisation 员工人数#人 = 从业人员数#人
same organisation 是否安装可燃气体报警器 = 燃气报警器安装情况
same organisation 成立时间 = 成立日期
ask organisation 单位地址 = 注册地址
ask organisation 法定代表人 = 负责人
ask organisation 营业执照号 = 统一社会信用代码
ask organisation 经营范围 = 主营业务
ask organisation 从业人数#人 = 职工人数#人
ask organisation 企业类型 = 单位性质
ask organisation 成立时间 = 开业时间
ask organisation 占地面积#平方米 = 经营面积#平方米
apart organisation 食品经营许可证号 = 烟草专卖许可证号
apart organisation 食品经营许可证号 = 食品生产许可证号
apart organisation 注册资本#万元 = 营业收入#万元
apart organisation 法定代表人身份证号 = 统一社会信用代码
apart organisation 灭火器数量#个 = 气瓶数量#个
apart organisation 安全负责人 = 财务负责人
apart organisation 是否有营业执照 = 是否办理环评
same dwelling 房屋坐落 = 房屋地址
same dwelling 建成年份 = 建造年代
same dwelling 结构类型 = 房屋结构类型
ask dwelling 租金#元 = 月租金#元
ask dwelling 规划用途 = 实际用途
ask dwelling 建筑层数#层 = 地上层数#层
apart dwelling 出租面积#平方米 = 建筑面积#平方米
apart dwelling 地上层数#层 = 地下层数#层
apart dwelling 房东姓名 = 承租人姓名
apart dwelling 是否自建房 = 是否经营性自建房
same place 低保户数#户 = 最低生活保障户数#户
same place 残疾人口数#人 = 残疾人数#人
same place 60岁以上老年人数#人 = 60周岁及以上老人人数#人
same place 村委会个数#个 = 行政村数#个
same place 生猪存栏#头 = 猪期末存栏头数#头
same place 粮食总产量#吨 = 粮食产量#公斤
same place 农用化肥施用量(折纯)#吨 = 化肥使用量(按折纯法计算)#吨
same place 通宽带互联网的户数#户 = 接通宽带户数#户
same place 城镇低保人数#人 = 城市居民最低生活保障人数#人
same place 户籍人口#人 = 户籍人口总数#人
same place 参加城乡居民基本医疗保险人数#人 = 城乡居民医保参保人数#人
same place 村级集体经济收入#万元 = 村集体经济年收入#元
ask place 残疾人数#人 = 持证残疾人数#人
ask place 贫困户数#户 = 建档立卡贫困户数#户
ask place 退役军人数#人 = 退役士兵人数#人
ask place 失业人员数#人 = 登记失业人员数#人
apart place 低保户数#户 = 低保人数#人
apart place 60岁以上人口#人 = 65岁以上人口#人
apart place 60岁以上老年人#人 = 80岁以上老年人#人
apart place 户籍人口#人 = 常住人口#人
apart place 流动人口#人 = 流出人口#人
apart place 新增低保户数#户 = 低保户数#户
apart place 本月新增低保人数#人 = 本年新增低保人数#人
apart place 本月新增低保人数#人 = 本月减少低保人数#人
apart place 本年累计救助人次#人次 = 历年累计救助人次#人次
apart place 脱贫不稳定户#户 = 边缘易致贫户#户
apart place 低保户数#户 = 低保边缘户数#户
apart place 低收入人口#人 = 低保人口#人
apart place 孤寡老人#人 = 空巢老人#人
apart place 社区矫正对象#人 = 刑满释放人员#人
apart place 吸毒人员#人 = 社区戒毒人员#人
apart place 养老机构数#个 = 养老机构床位数#张
apart place 敬老院#个 = 养老机构#个
apart place 村民小组#个 = 自然村#个
apart place 生猪存栏#头 = 生猪出栏#头
apart place 粮食播种面积#亩 = 粮食产量#吨
apart place 水田面积#亩 = 旱地面积#亩
apart place 农药使用量#吨 = 化肥使用量#吨
apart place 化肥使用量(折纯)#吨 = 化肥使用量(实物量)#吨
apart place 规模以上工业企业#个 = 工业企业#个
apart place 国家级示范社#个 = 省级示范社#个
apart place 一级残疾人数#人 = 二级残疾人数#人
apart place 村集体经济收入#万元 = 村集体债务#万元
apart place 城镇低保人数#人 = 农村低保人数#人
apart place 残疾人情况 / 人数#人 = 老年人情况 / 人数#人
apart place 同比增长#% = 环比增长#%
apart place 自来水普及率#% = 卫生厕所普及率#%
apart place 水库#座 = 山塘#座
"""


def _cases() -> list[tuple[str, str, str, str]]:
    cases = []
    for line in PAIRS.strip().splitlines():
        head, right = line.rsplit(" = ", 1)
        expected, subject, left = head.split(" ", 2)
        cases.append((expected, subject, left, right))
    return cases


@pytest.mark.parametrize(("expected", "subject", "left", "right"), _cases())
def test_labels(expected: str, subject: str, left: str, right: str) -> None:
    assert verdict(subject, left, right) == expected


def test_no_ambiguous_word_is_decided() -> None:
    """A word of two concepts of one owner would be decided by their order in the file: the index must never need it."""
    for word in ("联系电话", "家庭住址", "单位", "证件号码", "占地面积", "人均收入", "房屋性质"):
        ids = LEXICON.concept_words[normalise(word)]
        owners = [owner for concept in ids for owner in LEXICON.concepts[concept].of]
        assert len(owners) == len(set(owners)), (word, ids)
