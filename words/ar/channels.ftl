### قنوات اللغات، في القاعة وفي الصفحة العامة.

hear = اللغة
floor-sound = القاعة
unstaffed = { $language } (لا أحد يترجم الآن)
beneath = صوت القاعة في الخلفية
percent = { $percent } %
hears-nobody = لا أحد يترجم الآن إلى هذه اللغة: { $language }. تسمع القاعة.
hears-missing = لا يصل شيء الآن من مقصورة { $language }. تسمع القاعة.
hears-stranger = ما وصل مكان قناة { $language } لم يرسله مترجمها، ولا يُشغَّل. تسمع القاعة.
