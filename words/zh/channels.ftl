### 语言频道，会场内与公开页面通用。

hear = 语言
floor-sound = 现场原声
unstaffed = { $language }（目前无人口译）
beneath = 背景原声
percent = { $percent } %
hears-nobody = 目前无人译成{ $language }。您听到的是现场原声。
hears-missing = { $language }口译间此刻没有声音传来。您听到的是现场原声。
hears-stranger = 在{ $language }频道位置上传来的声音并非其口译员发出，不予播放。您听到的是现场原声。
