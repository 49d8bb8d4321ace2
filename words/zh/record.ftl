### The record, and what the reader’s browser finds in it.

check-record = 核查记录
check-again = 再次核查
checking = 正在核查：已取得 { $files } 个文件
record-holds = 记录完整有效
record-fails = 记录无效
checked-here = 已由您的浏览器在此核查：{ $entries } 个条目，包括每个签名和会议的每条规则。
record-cosigned = 由{ $names }会签至末尾。
record-covered = { $entries } 个条目中的前 { $covered } 个已由{ $names }会签。其后的条目带有其作者和本站的签名。
record-uncosigned = 尚无与会者会签。
record-recordings = 此处未检查录像；下面的程序会检查其中的每一帧。
record-how = 核查所用的程序由本站发送。不愿依赖它的人可用自己的程序核查：
record-unreachable = 记录未能全部读取，因此无法核查：
problem-entry = 条目 { $entry }
