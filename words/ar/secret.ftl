### Around a link that is a secret.

copy = نسخ الرابط
copied = نُسخ
show = إظهار
hide = إخفاء
of-link = { $word }: { $link }
copy-failed = النسخ غير مسموح به هنا. أظهروا الرابط وانسخوه يدويًا.
