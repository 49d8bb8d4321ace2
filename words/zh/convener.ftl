### The convener’s own page.

title = 发布会议公告
intro = 您公布的内容由您的密钥签署，并列入日程、日历和订阅源。每次更改都是一个新版本；先前的版本仍然可见。
reading = 正在读取会议…
no-fragment = 链接中 # 号之后的部分缺失。请重新完整打开召集人的链接：重新加载本页会使它丢失。
unreachable = 无法连接服务器。请检查您的网络连接，然后重试。
over = 会议已结束。没有可公布的内容了。
first = 发布公告
again = 公布更改
busy = 正在签署…
done = 已公布。
so-far = 迄今公布的内容
begins = 开始时间：{ $day } { $time }
version = 第 { $number } 版，公布于 { $day } { $time }
go-public = 打开公开页面
