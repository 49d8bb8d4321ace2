### Recordings, on the public page.

recordings = 公开部分的录像
part = 议程项目 { $number }：{ $title }
of-part = 公开部分
when = { $day } { $start }，{ $length }
gap = 此录像未录到该部分结束：录制此前已停止。
late = 此录像始于该部分开始后 { $late }。
play = 播放
pause = 暂停
position = 位置
time = { $at } / { $length }
of = { $name }（{ $delegation }）的录像
unknown-person = 身份不明者
no-picture = 仅有声音
files = 文件
file = { $name }：WebM，{ $size }
sealed = 加封时的全部内容，附已披露的密钥：{ $size }
hash = SHA-256 { $hash }
how = 每位被看到或听到的人各有一个文件，由其自己的设备编码。在此一并播放。
screen = 屏幕
