### The record, and what the reader’s browser finds in it.

check-record = 核查记录
check-again = 再次核查
checking = 正在核查：已取得 { $files } 个文件
record-holds = 记录完整有效
record-fails = 记录无效
checked-here = 已由您的浏览器在此核查：{ $entries } 个条目，包括每个签名和会议的每条规则。
record-cosigned = 由{ $names }会签至末尾。
record-covered = { $entries } 个条目中的前 { $covered } 个已由{ $names }会签。其后的条目带有其作者和本站的签名。
record-recordings = 录像尚未核查。
check-recordings = 同时核查录像（{ $size }）
checking-recordings = 正在核查录像
checked-bytes = { $done }，共 { $all }
stop-check = 停止
check-stopped = 已停止：录像未核查完毕。
recordings-hold = 每份录像都是记录所指的录像。
recordings-part = 第 { $part } 部分。与发送者签名一致的帧：{ $matched }。无人签名：{ $unsigned }。与签名矛盾：{ $contradicted }。缺失的声音：{ $missing }。
record-how = 核查所用的程序由本站发送。不愿依赖它的人可用自己的程序核查：
record-unreachable = 记录未能全部读取，因此无法核查：
problem-entry = 条目 { $entry }
