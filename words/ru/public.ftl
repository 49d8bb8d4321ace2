### The pages that the server writes: the schedule, a meeting, a delegation.

house-title = Заседания на этом сервере
house-what = Что объявлено, что идёт и что было; открытые части в прямом эфире.
nothing = Показать здесь нечего.
under-way = Идут сейчас
to-come = Предстоят
no-time = Созваны, время не объявлено
past = Прошли
past-pages = Прошедшие заседания
later = Позднее
earlier = Ранее
all-meetings = Все заседания на этом сервере
calendar = Календарь (iCalendar)
news = Новости (Atom)
not-found = Не найдено
not-found-what = По этому адресу ничего нет.
not-found-delegation = Ни одно заседание не называет такой делегации.
list-next = { $list }, { $name }
list-last = { $list } и { $name }
list-more = { $list } и ещё { $number }
sentences = { $first }. { $second }
in-public-since = Открытое заседание с { $time }
in-closed-since = Закрытое заседание с { $time }
planned-at = { $time }, предполагаемая продолжительность { $length }
convened-at = Созвано: { $when }
never-met = Завершено до того, как кто-либо собрался
held-at = { $time }, { $length }, из них открыто { $open }
moved-from = Перенесено; прежде: { $when }
readouts-out = Опубликованы сообщения по итогам
begins-on = { $sides }. Начало: { $day } (UTC).
not-begun = { $sides }. Ещё не начато.
is-open = { $sides }. Идёт открытое заседание.
is-closed = { $sides }. Идёт закрытое заседание.
lasted = { $sides }. Продолжительность: { $length }, из них открыто: { $open }.
lasted-never = { $sides }. Завершено до того, как кто-либо собрался.
open-now = Идёт открытое заседание.
convened-no-time = Созвано: { $when }. Время не объявлено.
begins-at = Начало: { $when }
adjourned-when = Завершено: { $when }
needs-script = Изображение и звук расшифровываются в вашем браузере: для этого странице нужен JavaScript.
course = Ход заседания
part-open = Открытое заседание
part-closed = Закрытое заседание
part-since = с { $time }
part-span = с { $from } до { $to }, { $length }
announcements = Объявления
version-announced = Редакция { $number }, объявлена: { $when }
record = Журнал
record-what = Кто и когда встречался, какие части были закрытыми и кто согласился на каждое открытие, записано в журнале, который участники заверяют своими подписями. Никто не изменит его задним числом незаметно, в том числе этот дом. Проверить его может каждый: программой incamera verify по адресу этой страницы.

readouts = Сообщения по итогам
readouts-what = Изложение каждой делегации, подписанное её ключом, в порядке поступления. Они могут расходиться.
published-when = Опубликовано: { $when }
version-published = Редакция { $number }, опубликована: { $when }
earlier-versions = Прежние редакции ({ $number })
joint = Совместное заявление: { $names }
joint-since = Открыто для всех с: { $when }
signed = Подписано
signed-each = Подписано каждой из них
signed-key = Ключ делегации ({ $name }):
delegation-what = Все заседания на этом сервере, учредительный документ которых так называет делегацию. То же название не доказывает, что это тот же орган: названия пишет тот, кто созывает заседание.
delegation-about = Заседания на этом сервере с участием { $name }, и с кем.
with-whom = С кем
meetings = Заседания
only-latest = Показаны только последние: { $number }.
met = { $times ->
    [one] Последняя встреча: { $last }; всего { $times } встреча, первая: { $first }
    [few] Последняя встреча: { $last }; всего { $times } встречи, первая: { $first }
   *[other] Последняя встреча: { $last }; всего { $times } встреч, первая: { $first }
}
held-when = { $when }, { $length }, из них открыто { $open }
under-way-when = { $when }, идёт сейчас
to-come-when = { $when }, предстоит
not-held-when = { $when }, не состоялось
