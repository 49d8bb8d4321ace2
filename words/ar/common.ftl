### What every page says.

name = incamera
lamp-waiting = في الانتظار
lamp-convened = لم يبدأ بعد
lamp-closed = جلسة مغلقة
lamp-closing = جارٍ الإغلاق
lamp-open = جلسة علنية
lamp-held = موقوف
lamp-adjourned = اختُتم
tab = { $word } · { $title }
agenda = جدول الأعمال
item = { $number }. { $title }
item-public = في جلسة علنية
item-closed = في جلسة مغلقة
item-closed-ground = في جلسة مغلقة: { $ground }
delegations = الوفود
unknown-meeting = لا يوجد اجتماع في هذا العنوان. تأكدوا من نسخ الرابط كاملًا.
language = لغة هذه الصفحة
seconds = { $seconds } ث
minutes = { $minutes } د
hours = { $hours } س { $minutes } د
pair = { $first }، { $second }
