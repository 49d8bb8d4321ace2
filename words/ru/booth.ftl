### Пульт переводчика.

booth = Кабина
outgoing = Я перевожу на
outgoing-none = Выйти из кабины
sit-first = Выберите язык, на который переводите. Пока у вас нет микрофона, вас никто не слышит.
clock = Время
shift = ⇧ { $key }
on-air = В эфире
on-air-silent = Ваш микрофон выключен: канал молчит.
on-air-held = Сейчас ничего не передаётся: почему, сказано вверху.
coughing = Звук выключен, пока вы держите клавишу.
on-air-other = В эфире { $name }
on-air-nobody = Сейчас на этот язык никто не переводит: { $language }
listeners = { $count ->
    [one] { $count } слушатель
    [few] { $count } слушателя
    [many] { $count } слушателей
   *[other] { $count } слушателя
}
meter-out = Что вы передаёте
air-on = Взять микрофон
air-off = Отдать микрофон
cough = Кашель: держать
turn-alone = В кабине больше никого нет
turn-nobody = Передавать нечего
turn-offer = Предложить микрофон
turn-unoffer = Отозвать предложение
turn-give = Передать микрофон: { $name }
turn-ask = Попросить микрофон: { $name }
turn-unask = Отозвать просьбу
turn-accept = Сменить: { $name }
slower = Слишком быстро
help = Позвать на помощь
partners = В вашей кабине
partner-hears = { $name } слышит: { $source }
partner-none = Вы в кабине одни.
incoming = Что вы слышите
hears = Вы слышите: { $source }
source-nobody = сейчас никого
ready = Слушать дальше
take = Слушать: { $source }
volume = Громкость
bass = Низкие
treble = Высокие
meter-in = Что вы слышите
quality-nothing = Звука нет
quality-silent = Никто не говорит
quality-good = Звук: хороший
quality-uneven = Звук: неровный
quality-poor = Звук: плохой
quality-distorted = Звук: искажён, микрофон слишком громкий
quality-quiet = Звук: слишком тихий, микрофон далеко или убавлен
quality-narrow = Звук: обрезан выше 5 кГц, как по телефону
limiter = Ограничитель бережёт ваш слух: ничего громче 6 децибел ниже полной шкалы не проходит. Настройте наушники так, чтобы речь было удобно слушать.
notes = Заметки в кабине
notes-note = Их видят те, кто сидит в этой кабине.
notes-write = Написать в свою кабину
message-from = { $name }, { $delegation }, пишет в вашу кабину:
message-read = Прочитано
seen-to = { $name } займётся этим.
