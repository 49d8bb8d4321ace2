### لوحة المترجم الشفوي.

booth = المقصورة
outgoing = أترجم إلى
outgoing-none = مغادرة المقصورة
sit-first = اختر اللغة التي تترجم إليها. لا يسمعك أحد ما لم يكن الميكروفون لديك.
clock = الوقت
shift = ⇧ { $key }
on-air = على الهواء
on-air-silent = ميكروفونك مغلق: القناة صامتة.
on-air-held = لا يُرسل شيء الآن: يبيّن المؤشر في الأعلى السبب.
coughing = صامت ما دمت ضاغطًا على المفتاح.
on-air-other = { $name } على الهواء
on-air-nobody = لا أحد يترجم الآن إلى هذه اللغة: { $language }
listeners = { $count ->
    [zero] لا مستمعين
    [one] مستمع واحد
    [two] مستمعان
    [few] { $count } مستمعين
    [many] { $count } مستمعًا
   *[other] { $count } مستمع
}
meter-out = ما ترسله
air-on = خذ الميكروفون
air-off = أعِد الميكروفون
cough = سعال: اضغط مطولًا
turn-alone = لا زميل في المقصورة
turn-nobody = لا شيء للتسليم
turn-offer = عرض الميكروفون
turn-unoffer = سحب العرض
turn-give = التسليم إلى { $name }
turn-ask = طلب الميكروفون من { $name }
turn-unask = سحب الطلب
turn-accept = التسلم من { $name }
slower = أسرع من اللازم
help = طلب المساعدة
partners = في مقصورتك
partner-hears = { $name } يسمع: { $source }
partner-none = أنت وحدك في المقصورة.
incoming = ما تسمعه
hears = تسمع: { $source }
source-nobody = لا أحد الآن
ready = للاستماع بعد ذلك
take = الاستماع إلى { $source }
volume = مستوى الصوت
bass = الجهير
treble = الحاد
meter-in = ما تسمعه
quality-nothing = لا يصل أي صوت
quality-silent = لا أحد يتكلم
quality-good = الصوت: جيد
quality-uneven = الصوت: متقطع
quality-poor = الصوت: رديء
quality-distorted = الصوت: مشوَّه، الميكروفون عالٍ جدًا
quality-quiet = الصوت: خافت، الميكروفون بعيد أو منخفض
quality-narrow = الصوت: مقطوع فوق 5 كيلوهرتز، كما في الهاتف
limiter = يحمي محدِّد الصوت سمعك: لا يمر شيء أعلى من 6 ديسيبل تحت الحد الأقصى. اضبط سماعتك بحيث يكون الكلام مريحًا.
notes = ملاحظات المقصورة
notes-note = يراها من يجلس في هذه المقصورة.
notes-write = الكتابة إلى مقصورتك
message-from = كتب إلى مقصورتك { $name }، { $delegation }:
message-read = قُرئت
seen-to = { $name } يتولى الأمر.
