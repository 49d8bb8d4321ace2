### Picture and sound on the public page.

part-open = 公开举行
watch-again = 浏览器要求先点按一下才能播放声音。
starting = 正在连接图像和声音…
nobody-seen = 目前没有图像。
sound-on = 打开声音
sound-off = 关闭声音
picture-of = { $name }（{ $delegation }）的图像
unknown-person = 身份不明者
verified = 已核实
verified-hint = 此处所显示的正是发送者所发送的内容，由其本人签名为证。
gap = 有缺漏
gap-hint = 此处显示的某些内容未经发送者签名，或发送的某些内容未能送达。
nothing-comes = 目前未收到图像。
full = 服务器已满：已达到所能承载的人数。本页会继续尝试。
blocked = 您的网络不允许图像和声音通过：它阻断了 UDP，而本服务器没有可绕行的中继。请尝试其他网络。本页会继续尝试。
blocked-relay = 您的网络不允许图像和声音通过：它阻断了 UDP，本服务器的中继也无法连接。请尝试其他网络。本页会继续尝试。
lost-media = 图像和声音中断。它们会自行恢复。
screen = 屏幕
screen-of = { $name }（{ $delegation }）的屏幕
