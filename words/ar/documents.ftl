### Documents that members offer one another.

documents = الوثائق
documents-note = لا يحصل عليها إلا من هم في القاعة، حتى في الأجزاء العلنية. يحفظها المضيف مختومة حتى انتهاء الاجتماع. ترى ما يُعرض ما دمت هنا.
documents-none = لم يُعرض شيء بعد.
document-offer = عرض ملف…
document-drop = أو أفلته هنا. 10 ميغابايت على الأكثر.
document-part-closed = الجزء المغلق { $number }
document-part-open = الجزء العلني { $number }: لا يحصل عليها الجمهور
document-what = { $size }، { $type }
document-mine = منك
document-from = من { $name }، { $delegation }
document-fetch = إحضار
document-fetch-what = إحضار { $file }
document-save = حفظ على هذا الجهاز
document-show = إظهار
document-withdraw = سحب
document-withdraw-what = سحب { $file }
document-waiting = في الطريق إلى الآخرين…
document-withdrawn = سُحبت.
document-lost = لم يعد لدى هذا الجهاز مفتاحها. اطلب عرضها مرة أخرى.
document-under-way = في الطريق
document-failed = لم ينجح ذلك. حاول مرة أخرى من فضلك.
document-dismiss = حسنًا
say-document = يعرض { $name } وثيقة: { $file }
