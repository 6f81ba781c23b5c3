"""Signs that belong to 120 or the emergency department, never to a booked clinic. Source: rule TR-3.

This is guidance, not diagnosis: it names no disease, and a nurse or doctor always has the last word.
"""

from jiuyi.kernel.text import gettext_noop

RED_FLAGS: tuple[str, ...] = (
    gettext_noop("胸痛、胸闷压榨感，超过 15 分钟或伴出冷汗"),
    gettext_noop("坐着不动也喘不上气"),
    gettext_noop("突然口角歪斜、一侧手脚没力、说话不清"),
    gettext_noop("昏倒、叫不醒、抽搐"),
    gettext_noop("大出血、吐血，或黑便伴头晕"),
    gettext_noop("突然出现从未有过的剧烈头痛"),
    gettext_noop("剧烈腹痛，肚子发硬不敢碰"),
    gettext_noop("严重摔伤、车祸、中毒或误服"),
    gettext_noop("全身起疹子、嘴唇肿、喉咙发紧"),
    gettext_noop("怀孕后出血、剧烈腹痛或胎动消失"),
    gettext_noop("不满 3 个月的婴儿发热 38℃ 以上，孩子抽搐或全身发软"),
    gettext_noop("想伤害自己或不想活了"),
)
