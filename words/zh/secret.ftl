### Around a link that is a secret.

copy = 复制链接
copied = 已复制
show = 显示
hide = 隐藏
of-link = { $word }：{ $link }
copy-failed = 此处不允许复制。请显示链接并手动复制。
