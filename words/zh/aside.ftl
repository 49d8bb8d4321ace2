aside = 我的代表团
aside-note = 只有您的代表团能读到。其他方可以知道有人说了话，但不知道内容。
aside-write = 只写给您的代表团
say-aside = 仅发给您的代表团，来自 { $name }：{ $text }
