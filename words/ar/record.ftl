### The record, and what the reader’s browser finds in it.

check-record = التحقق من السجل
check-again = التحقق مرة أخرى
checking = { $files ->
    [one] جارٍ التحقق: وصل ملف واحد
    [two] جارٍ التحقق: وصل ملفان
    [few] جارٍ التحقق: وصلت { $files } ملفات
   *[other] جارٍ التحقق: وصل { $files } ملفًا
}
record-holds = السجل سليم
record-fails = السجل غير سليم
checked-here = { $entries ->
    [one] تم التحقق هنا في متصفحك: قيد واحد، بكل توقيع وكل قاعدة من قواعد الاجتماع.
    [two] تم التحقق هنا في متصفحك: قيدان، بكل توقيع وكل قاعدة من قواعد الاجتماع.
    [few] تم التحقق هنا في متصفحك: { $entries } قيود، بكل توقيع وكل قاعدة من قواعد الاجتماع.
   *[other] تم التحقق هنا في متصفحك: { $entries } قيدًا، بكل توقيع وكل قاعدة من قواعد الاجتماع.
}
record-cosigned = صادق عليه حتى نهايته { $names }.
record-covered = صادق { $names } على أول { $covered } من { $entries } من القيود. أما ما جاء بعدها فيحمل توقيعات من كتبوه وتوقيع هذه الدار.
record-recordings = لم يتم التحقق من التسجيلات بعد.
check-recordings = التحقق من التسجيلات أيضًا ({ $size })
checking-recordings = جارٍ التحقق من التسجيلات
checked-bytes = { $done } من { $all }
stop-check = إيقاف
check-stopped = توقف: لم يكتمل التحقق من التسجيلات.
recordings-hold = كل تسجيل هو الذي يذكره السجل.
recordings-part = الجزء { $part }. إطارات كما وقّعها مرسلوها: { $matched }. لم يوقّعها أحد: { $unsigned }. تناقض ما وُقّع: { $contradicted }. صوت مفقود: { $missing }.
record-how = أرسلت هذه الدار البرنامج الذي أجرى التحقق. ومن يفضّل ألا يعتمد عليه يتحقق ببرنامجه:
record-unreachable = تعذّر التحقق من السجل لأن قراءته كاملًا لم تكن ممكنة:
problem-entry = القيد { $entry }
