### What every page says.

name = incamera
lamp-waiting = 等候中
lamp-convened = 尚未开始
lamp-closed = 闭门
lamp-closing = 正在转入闭门
lamp-open = 公开
lamp-held = 暂停
lamp-adjourned = 已结束
tab = { $word } · { $title }
agenda = 议程
item = { $number }. { $title }
item-public = 公开审议
item-closed = 闭门审议
item-closed-ground = 闭门审议：{ $ground }
delegations = 代表团
unknown-meeting = 此地址没有会议。请检查链接是否复制完整。
language = 本页语言
seconds = { $seconds } 秒
minutes = { $minutes } 分钟
hours = { $hours } 小时 { $minutes } 分钟
pair = { $first }，{ $second }
