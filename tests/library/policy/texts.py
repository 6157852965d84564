"""An invented document in the shape of the official ones: sections, provisions that go on through them, clauses with their units."""

from __future__ import annotations

from dataclasses import dataclass, replace

NUMBER = "晋测发〔2026〕7号"
HEAD = f"{NUMBER}\n山西省测试委员会办公室\n关于试行若干措施的通知\n各有关单位：\n现将措施印发，请照办。\n山西省测试委员会办公室\n2026年3月5日\n若干措施\n为做好试验，制定以下措施。\n"
TAIL = "\n（此件主动公开）\n山西省测试委员会办公室2026年3月5日印发\n"
DIGITS = "一二三四五六七八九"


@dataclass(frozen=True)
class Measures:
    """`provisions` → clauses below each; every provision stands in a section of its own, clauses go on through all of them."""

    provisions: tuple[tuple[str, tuple[str, ...]], ...]
    head: str = HEAD
    tail: str = TAIL

    def text(self) -> str:
        lines, number = [self.head.rstrip("\n")], 0
        for place, (provision, clauses) in enumerate(self.provisions):
            lines += [f"{DIGITS[place]}、第{DIGITS[place]}部分工作", f"（{DIGITS[place]}）{provision}"]
            for clause in clauses:
                number += 1
                lines.append(f"{number}.{clause}")
        return "\n".join(lines) + self.tail

    def without(self, place: int, clause: int) -> Measures:
        """The text with one clause fewer; those behind it move up."""
        provision, clauses = self.provisions[place]
        return self._with(place, provision, clauses[:clause] + clauses[clause + 1 :])

    def adding(self, place: int, clause: int, words: str) -> Measures:
        provision, clauses = self.provisions[place]
        return self._with(place, provision, (*clauses[:clause], words, *clauses[clause:]))

    def saying(self, place: int, clause: int, old: str, new: str) -> Measures:
        provision, clauses = self.provisions[place]
        assert old in clauses[clause]
        changed = clauses[clause].replace(old, new)
        return self._with(place, provision, (*clauses[:clause], changed, *clauses[clause + 1 :]))

    def _with(self, place: int, provision: str, clauses: tuple[str, ...]) -> Measures:
        rows = list(self.provisions)
        rows[place] = (provision, clauses)
        return replace(self, provisions=tuple(rows))


MEASURES = Measures(
    (
        (
            "企业必须按时测试，达到一、二级水平。",
            (
                "每月测试1次，误差不超过0.5%，由专人记录。（责任单位：各矿山企业）",
                "测试结果于2026年6月底前上报，逾期的通报。（责任单位：省应急厅、国家矿山安监局山西局，各矿山企业）",
                "测试人员须有 10 年以上经历（含实习期），不足的不得上岗。（责任单位：省应急厅）",
            ),
        ),
        (
            "部门必须核查测试结果，弄虚作假的从严处理。",
            (
                "核查采取抽查方式，到场不提前通知，每季度不少于 3 次。（责任单位：省能源局）",
                "对造假的，责令重新测试；情节严重的移送有关机关。（责任单位：省自然资源厅、各市人民政府）",
            ),
        ),
        (
            "做好保障。经费按年度安排。",
            ("各单位于每年12月10日前报送总结，说明第（二）项以外的问题。（责任单位：省消防救援总队）",),
        ),
    )
)
PLAN = """晋测发〔2026〕8号
山西省测试委员会办公室关于印发方案的通知
请各单位于2026年3月9日前报送名单。
山西省测试委员会办公室
2026年3月6日
附件
1. 第一个方案..... 1
2. 第二个方案..... 9
试验三年行动方案
结合实际，制定本方案。
一、工作目标
通过三年努力，试验能力提升，人员减少10%以上；生产单位必须达到一、二级要求。
二、组织领导
成立领导小组，成员单位 3 家。
三、主要任务
(一)提升人员素质
1. 加强培训。2026年，组织培训,每年一次。
2. 严格考试。首次取证的须考试合格。
（二）严格执行标准
3. 认真宣讲。宣讲《刑法修正案
（十一）》等内容。
四、保障措施
（一）提高认识。各单位要重视。
(二)强化组织。各单位要明确分工。
"""
