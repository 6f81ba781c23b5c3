"""What the parameters of the rule packs are called on the page. A test looks that none is missing."""

from typing import Final

from django.utils.translation import gettext

from jiuyi.kernel.text import gettext_noop

GROUPS: Final = {
    "AP": gettext_noop("预约与候诊"),
    "DS": gettext_noop("数据与登录安全"),
    "F3": gettext_noop("收费"),
    "ID": gettext_noop("身份与家庭成员"),
    "RX": gettext_noop("处方"),
}
OTHER_GROUP: Final = gettext_noop("其他")

LABELS: Final = {
    "AP-1.slot_minutes": gettext_noop("一个时段的长度"),
    "AP-10.min_minutes": gettext_noop("退回的热门号最快多久后再放出"),
    "AP-10.max_minutes": gettext_noop("退回的热门号最慢多久后再放出（0 为立即）"),
    "AP-10.urgent_minutes": gettext_noop("离就诊不足多久时立即放出"),
    "AP-10.hot_free_percent": gettext_noop("余号不超过百分之几算热门"),
    "AP-10W.opens_minute_of_day": gettext_noop("候补每天从几点开始留号（零点后第几分钟，480 即 8:00）"),
    "AP-10W.closes_minute_of_day": gettext_noop("候补每天到几点停止留号（零点后第几分钟，1260 即 21:00）"),
    "AP-10W.answer_minutes": gettext_noop("留号后等待答复的时间"),
    "AP-10W.call_answer_minutes": gettext_noop("由人工打电话时等待答复的时间"),
    "AP-10W.least_answer_minutes": gettext_noop("等待答复的时间最短"),
    "AP-10W.early_minutes": gettext_noop("要提前多久到院"),
    "AP-10W.offers_missed": gettext_noop("几次未答复后候补结束"),
    "AP-10W.together_hours": gettext_noop("一家人登记后多久以内只留在一起的号"),
    "AP-10W.wish_days": gettext_noop("候补日期最多跨多少天"),
    "AP-11.hold_minutes": gettext_noop("下单后保留号源的时间"),
    "AP-12.ordinary_minutes": gettext_noop("普通号最晚在就诊前多久退号"),
    "AP-12.expert_minutes": gettext_noop("专家号最晚在就诊前多久退号"),
    "AP-12.regret_minutes": gettext_noop("预约后多久以内总可以退号"),
    "AP-12.refund_when_late": gettext_noop("超过时限退号也退费"),
    "AP-13.grace_minutes": gettext_noop("时段结束后多久未签到算爽约"),
    "AP-15.grace_minutes": gettext_noop("时段结束后多久以内算迟到"),
    "AP-20.returned_every_calls": gettext_noop("每叫几个号插一位回诊"),
    "AP-20.priority_every_calls": gettext_noop("每叫几个号插一位优先"),
    "AP-20.passed_after_calls": gettext_noop("过号的人排在几位之后"),
    "AP-20.unanswered_calls": gettext_noop("叫几次未到算过号"),
    "AP-20.unanswered_minutes": gettext_noop("最后一次叫号后等多久算过号"),
    "AP-20.ageing_minutes": gettext_noop("现场号等多久后与预约号同等"),
    "AP-20.overnight_hours": gettext_noop("过了午夜，前一天的候诊号还保留多久"),
    "AP-3.days_ahead": gettext_noop("普通号提前多少天放号"),
    "AP-3.release_minute_of_day": gettext_noop("普通号放号时刻（零点后第几分钟，420 即 7:00）"),
    "AP-3.expert_days_ahead": gettext_noop("专家号提前多少天放号"),
    "AP-3.expert_minute_of_day": gettext_noop("专家号放号时刻（零点后第几分钟）"),
    "AP-3.renowned_days_ahead": gettext_noop("知名专家号提前多少天放号"),
    "AP-3.renowned_minute_of_day": gettext_noop("知名专家号放号时刻（零点后第几分钟）"),
    "AP-3.second_percent": gettext_noop("第二批放公开号源的百分之几（0 为不分批）"),
    "AP-3.second_days_ahead": gettext_noop("第二批提前多少天放号"),
    "AP-3.second_minute_of_day": gettext_noop("第二批放号时刻（零点后第几分钟）"),
    "AP-3.third_percent": gettext_noop("第三批放公开号源的百分之几（0 为没有）"),
    "AP-3.third_days_ahead": gettext_noop("第三批提前多少天放号"),
    "AP-3.third_minute_of_day": gettext_noop("第三批放号时刻（零点后第几分钟）"),
    "AP-3.by_draw": gettext_noop("放号时在场的人随机排序"),
    "AP-3.timetable_days": gettext_noop("按排班提前生成多少天的班次"),
    "AP-4.onsite_percent": gettext_noop("普通号：现场号源百分比"),
    "AP-4.township_percent": gettext_noop("普通号：基层号源百分比"),
    "AP-4.referral_percent": gettext_noop("普通号：转诊号源百分比"),
    "AP-4.return_percent": gettext_noop("普通号：复诊号源百分比"),
    "AP-4.expert_onsite_percent": gettext_noop("专家号：现场号源百分比"),
    "AP-4.expert_township_percent": gettext_noop("专家号：基层号源百分比"),
    "AP-4.expert_referral_percent": gettext_noop("专家号：转诊号源百分比"),
    "AP-4.expert_return_percent": gettext_noop("专家号：复诊号源百分比"),
    "AP-4.urgent_places": gettext_noop("每个班次为急需患者留几个号"),
    "AP-4.onsite_minute_of_day": gettext_noop("现场号当天开始放号的时刻（零点后第几分钟）"),
    "AP-4.onsite_back_minutes": gettext_noop("现场号在班次开始前多久向所有人开放"),
    "AP-4.township_head_start_hours": gettext_noop("基层号源比公开号源早放多少个工作小时"),
    "AP-4.township_from_minute_of_day": gettext_noop("基层号源最早的就诊时刻（班车到院，零点后第几分钟）"),
    "AP-4.township_until_minute_of_day": gettext_noop("基层号源最晚的就诊时刻（零点后第几分钟）"),
    "AP-4.township_back_minute_of_day": gettext_noop("基层号源前一工作日回流的时刻（零点后第几分钟）"),
    "AP-4.township_kept_places": gettext_noop("回流时为当天留几个基层号"),
    "AP-4.office_opens_minute_of_day": gettext_noop("上班时刻（零点后第几分钟）"),
    "AP-4.office_noon_minute_of_day": gettext_noop("午休开始（零点后第几分钟）"),
    "AP-4.office_reopens_minute_of_day": gettext_noop("午休结束（零点后第几分钟）"),
    "AP-4.office_closes_minute_of_day": gettext_noop("下班时刻（零点后第几分钟）"),
    "AP-5.weeks": gettext_noop("预测看最近几周的同一天"),
    "AP-5.trend_days": gettext_noop("看最近多少天的涨跌"),
    "AP-5.max_trend_percent": gettext_noop("涨跌修正最多百分之几"),
    "AP-5.days_ahead": gettext_noop("提前多少天预测"),
    "AP-5.fill_percent": gettext_noop("期望约满百分之几"),
    "AP-5.max_change_percent": gettext_noop("一次建议最多增减百分之几"),
    "AP-5.min_capacity": gettext_noop("一个班次至少保留几个号"),
    "AP-7.planned_hours": gettext_noop("提前多久决定算计划内变更"),
    "AP-7.known_within_minutes_planned": gettext_noop("计划内变更：多久没有确认知晓就打电话"),
    "AP-7.known_within_minutes_sudden": gettext_noop("临时变更：多久没有确认知晓就打电话"),
    "AP-7.call_again_minutes": gettext_noop("电话没人接，多久以后再打"),
    "AP-7.choose_within_hours": gettext_noop("停诊后多久以内可以选择，过后自动退号退费"),
    "AP-7.longest_delay_minutes": gettext_noop("一次最多延后多久"),
    "AP-9.per_day": gettext_noop("同一人同一天最多预约"),
    "AP-9.per_week": gettext_noop("同一人一周最多预约"),
    "AP-9.open_bookings": gettext_noop("同一人最多同时有几个未就诊的预约"),
    "DS-8.valid_minutes": gettext_noop("验证码有效时间"),
    "DS-8.codes_per_minute": gettext_noop("同一号码每分钟最多发几条"),
    "DS-8.codes_per_hour": gettext_noop("同一号码每小时最多发几条"),
    "DS-8.codes_per_hour_and_device": gettext_noop("同一设备每小时最多发几条"),
    "DS-8.wrong_codes": gettext_noop("连续输错几次锁定"),
    "DS-8.wrong_codes_per_hour_and_device": gettext_noop("同一设备每小时输错几次锁定"),
    "DS-8.lock_minutes": gettext_noop("锁定时间"),
    "F3-5.ordinary_fen": gettext_noop("普通号诊查费"),
    "F3-5.associate_chief_fen": gettext_noop("副主任医师号诊查费"),
    "F3-5.chief_fen": gettext_noop("主任医师号诊查费"),
    "F3-5.renowned_fen": gettext_noop("知名专家号诊查费"),
    "F3-5.emergency_fen": gettext_noop("急诊诊查费"),
    "ID-15.family_limit": gettext_noop("一个账号最多几位家庭成员"),
    "ID-15.claims_per_day": gettext_noop("一个账号一天最多添加几次"),
    "ID-15.idle_days": gettext_noop("账号闲置多少天后要重新核验"),
    "RX-2.ordinary_days": gettext_noop("一般处方最多"),
    "RX-2.emergency_days": gettext_noop("急诊处方最多"),
    "RX-2.longest_days": gettext_noop("写明理由后最多"),
    "RX-2.drugs_per_prescription": gettext_noop("每张处方最多几种药"),
    "RX-2.valid_days": gettext_noop("处方开出后有效"),
}

UNITS: Final = (
    ("_minutes", gettext_noop("分钟")),
    ("_hours", gettext_noop("小时")),
    ("_days", gettext_noop("天")),
    ("_percent", gettext_noop("%")),
    ("days_ahead", gettext_noop("天")),
    ("_fen", gettext_noop("分")),
)


def label_of(rule_id: str, name: str) -> str:
    """The parameter in the language of the page; its technical name where nobody wrote one yet."""
    return gettext(LABELS[f"{rule_id}.{name}"]) if f"{rule_id}.{name}" in LABELS else name


def unit_of(name: str) -> str:
    """分钟, 天, 分; nothing where the label says what is counted."""
    return next((gettext(unit) for ending, unit in UNITS if name.endswith(ending)), "")


def group_of(rule_id: str) -> str:
    """The heading under which the rule is listed."""
    return gettext(GROUPS.get(rule_id.partition("-")[0], OTHER_GROUP))
