### The fields in which a meeting is announced.

start = 开始
zone = 按您的时区 { $zone }。读者看到的是各自时区的时间。
length = 预计时长
length-none = 未注明
place = 地点或方式
place-hint = 例如：视频会议。可以留空。
embargo = 在某一时间之前不对外公布
embargo-hint = 在此之前，会议不列入任何日程或订阅源，其页面也不显示任何内容。各代表团照常进入。如果会议提前开门，则自那时起对外公布。
from = 对外公布时间
wrong-start = 请选择日期和时间。
wrong-past = 此时间已过，或在一年之后。
wrong-long = 内容过长。请略加缩短。
wrong-embargo = 请选择会议开始之前的时间。
