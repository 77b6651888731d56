"""Words for people: entities, relations, kinds of value, as the workbooks and the report print them."""

from __future__ import annotations

from consolidation.model import Element, Relation

ENTITIES = {
    "person": "个人",
    "household": "家庭",
    "couple": "夫妻",
    "organisation": "单位",
    "dwelling": "房屋",
    "village": "村（社区）",
    "township": "乡镇（街道）",
    "county": "县（区）",
    "city": "市",
    "province": "省",
    "place": "辖区",
    "filing": "填报信息",
}
ROLES = {
    "": "",
    "self": "本人",
    "head": "户主",
    "applicant": "申请人",
    "spouse": "配偶",
    "member": "家庭成员",
    "child": "子女",
    "father": "父亲",
    "mother": "母亲",
    "wife": "女方",
    "husband": "男方",
    "guardian": "监护人",
    "contact": "联系人",
    "agent": "代理人",
    "legal-rep": "法定代表人",
    "manager": "负责人",
    "operator": "经营者",
    "landlord": "房东",
    "tenant": "承租人",
    "kin": "家属",
    "supporter": "赡养人",
    "helper": "帮扶责任人",
    "sponsor": "资助人",
}
RELATIONS = {Relation.SAME: "相同", Relation.CONVERTED: "换算", Relation.DERIVED: "推算"}
PERIODS = {
    "": "未注明",
    "once": "一次性",
    "daily": "日报",
    "weekly": "周报",
    "monthly": "月报",
    "quarterly": "季报",
    "half-yearly": "半年报",
    "yearly": "年报",
    "quinquennial": "五年一次",
}


def owner(element: Element) -> str:
    """Whose fact it is, in Chinese: 个人·配偶, 家庭, 村（社区）."""
    meaning = element.meaning
    entity = ENTITIES.get(meaning.entity, meaning.entity)
    role = ROLES.get(meaning.role, meaning.role.removeprefix("~"))
    return entity if not role or role == "本人" else f"{entity}·{role}"


def period_name(period: str) -> str:
    return PERIODS.get(period, period)


def rank(element: Element) -> tuple[int, str]:
    """The order of owners in a list: places first, then households and people, the filing last."""
    order = (
        "city",
        "county",
        "township",
        "village",
        "place",
        "household",
        "person",
        "couple",
        "dwelling",
        "organisation",
        "filing",
    )
    entity = element.meaning.entity
    return (order.index(entity) if entity in order else 9, owner(element))
