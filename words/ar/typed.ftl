### Lines that are seen while they are typed.

typed-live = الكتابة الحيّة
typed-live-note = يرى كل من في القاعة كل حرف أثناء كتابتكم، قبل الإرسال.
typed-ended = بدأ جزء آخر: لم يعد أحد يرى ما تكتبون. أعيدوا تشغيل هذا إن كان ينبغي أن يُرى.
typed-now = تُكتب الآن
typed-kept = ما يُكتب الآن وآخر ما كُتب
typed-kept-empty = لم يُكتب شيء في هذا الجزء بعد.
typed-more = وهناك من يكتبون أيضًا، وعددهم { $count }.
