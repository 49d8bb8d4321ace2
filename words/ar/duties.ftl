### What a meeting owes the public by its founding document.

duties = ما على الاجتماع للجمهور
duty-reports = يقدّم تقريره قبل أن ينتهي: لا يُختتم إلا علنًا.
duty-pauses = يتوقف ما دام الجمهور لا يسمعه: في الجزء العلني لا يُرسَل شيء إلى أن يسمع الجمهور.
