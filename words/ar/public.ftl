### The pages that the server writes: the schedule, a meeting, a delegation.

house-title = اجتماعات هذه الدار
house-what = ما أُعلن وما هو جارٍ وما مضى؛ والأجزاء العلنية مباشرة.
nothing = لا شيء يُعرض هنا.
under-way = جارية
to-come = قادمة
no-time = وُجّهت الدعوة إليها ولم يُعلن موعدها
past = ماضية
past-pages = الاجتماعات الماضية
later = الأحدث
earlier = الأقدم
all-meetings = جميع اجتماعات هذه الدار
calendar = التقويم (iCalendar)
news = الأخبار (Atom)
not-found = غير موجود
not-found-what = لا يوجد شيء في هذا العنوان.
not-found-delegation = لا يسمّي أي اجتماع وفدًا بهذا الاسم.
list-next = { $list }، { $name }
list-last = { $list } و{ $name }
list-more = { $list } و{ $number } غيرها
sentences = { $first }. { $second }
in-public-since = في جلسة علنية منذ { $time }
in-closed-since = في جلسة مغلقة منذ { $time }
planned-at = { $time }، المدة المقررة { $length }
convened-at = وُجّهت الدعوة: { $when }
never-met = اختُتم قبل أن يلتقي أحد
held-at = { $time }، دام { $length }، منها { $open } علنًا
moved-from = تغيّر الموعد؛ وكان { $when }
readouts-out = نُشرت إفادات
begins-on = { $sides }. يبدأ في { $day } (UTC).
not-begun = { $sides }. لم يبدأ بعد.
is-open = { $sides }. الاجتماع علني.
is-closed = { $sides }. في جلسة مغلقة.
lasted = { $sides }. دام { $length }، منها { $open } في جلسة علنية.
lasted-never = { $sides }. اختُتم قبل أن يلتقي أحد.
open-now = الاجتماع علني.
convened-no-time = وُجّهت الدعوة: { $when }. لم يُعلن موعد.
begins-at = يبدأ: { $when }
adjourned-when = اختُتم: { $when }
elsewhere = عُقد في دار أخرى
elsewhere-what = عُقد هذا الاجتماع في دار أخرى. تحفظ هذه الدار سجله بعد أن تحققت منه، وتقدمه كما هو دون تغيير.
elsewhere-house = الدار التي عُقد فيها:
elsewhere-key = مفتاحها:
needs-script = تُفكّ شفرة الصورة والصوت في متصفحكم: ولذلك تحتاج هذه الصفحة إلى JavaScript.
course = سير الاجتماع
part-open = جلسة علنية
part-closed = جلسة مغلقة
part-since = منذ { $time }
part-span = من { $from } إلى { $to }، { $length }
announcements = الإعلانات
attended = حضر الاجتماع
attendee = { $name }، { $role }
version-announced = الصيغة { $number }، أُعلنت: { $when }
record = السجل
record-what = من اجتمع ومتى، وأي الأجزاء كان مغلقًا، ومن وافق على كل فتح: كل ذلك مدوَّن في سجل يصادق عليه المشاركون بتوقيعاتهم. لا أحد يغيّره بعد ذلك دون أن يُكتشف، ولا هذه الدار. ويمكن لأي شخص التحقق منه ببرنامج incamera verify وعنوان هذه الصفحة.

readouts = إفادات الوفود
readouts-what = رواية كل وفد، موقّعة بمفتاحه، بترتيب ورودها. ولا يلزم أن تتفق.
published-when = نُشرت: { $when }
version-published = الصيغة { $number }، نُشرت: { $when }
earlier-versions = الصيغ السابقة ({ $number })
joint = بيان مشترك: { $names }
joint-since = علني منذ: { $when }
signed = موقّع
signed-each = وقّعه كل منها
signed-key = بمفتاح { $name }:
delegation-what = جميع اجتماعات هذه الدار التي تسمّي وثيقتها التأسيسية وفدًا بهذا الاسم. وتطابق الاسم لا يثبت أنها الجهة نفسها: فالأسماء يكتبها من يدعو إلى الاجتماع.
delegation-about = اجتماعات { $name } في هذه الدار، ومع من.
with-whom = مع من
meetings = الاجتماعات
only-latest = لا يُعرض إلا أحدثها: { $number }.
met = { $times ->
    [one] آخر لقاء: { $last }؛ مرة واحدة
    [two] آخر لقاء: { $last }؛ مرتان منذ { $first }
    [few] آخر لقاء: { $last }؛ { $times } مرات منذ { $first }
   *[other] آخر لقاء: { $last }؛ { $times } مرة منذ { $first }
}
held-when = { $when }، دام { $length }، منها { $open } علنًا
under-way-when = { $when }، جارٍ
to-come-when = { $when }، قادم
not-held-when = { $when }، لم يُعقد
