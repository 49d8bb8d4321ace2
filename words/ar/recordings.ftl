### Recordings, on the public page.

recordings = تسجيل ما كان علنيًا
part = البند { $number } من جدول الأعمال: { $title }
of-part = الجزء العلني
when = { $day }، { $start }، { $length }
gap = لا يبلغ هذا التسجيل نهاية الجزء: فقد توقف التسجيل قبلها.
late = يبدأ هذا التسجيل بعد { $late } من بداية الجزء.
play = تشغيل
pause = إيقاف مؤقت
position = الموضع
time = { $at } من { $length }
of = تسجيل { $name }، { $delegation }
unknown-person = شخص غير معروف
no-picture = صوت فقط
files = الملفات
file = { $name }: ‏WebM، { $size }
sealed = كل شيء كما خُتم، مع المفاتيح المكشوفة: { $size }
hash = SHA-256 { $hash }
how = ملف لكل شخص شوهد أو سُمع، كما رمّزه جهازه. وتُعرض هنا معًا.
screen = شاشة
