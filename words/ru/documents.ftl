### Documents that members offer one another.

documents = Документы
documents-note = Их получают только те, кто в зале, в том числе в открытых частях. Дом хранит их запечатанными до конца заседания. Вы видите то, что предложено, пока вы здесь.
documents-none = Пока ничего не предложено.
document-offer = Предложить файл…
document-drop = Или перетащите его сюда. Не более 10 МБ.
document-part-closed = Закрытая часть { $number }
document-part-open = Открытая часть { $number }: публика их не получает
document-what = { $size }, { $type }
document-mine = От вас
document-from = От: { $name }, { $delegation }
document-fetch = Получить
document-fetch-what = Получить { $file }
document-save = Сохранить на этом устройстве
document-show = Показать
document-withdraw = Отозвать
document-withdraw-what = Отозвать { $file }
document-waiting = В пути к остальным…
document-withdrawn = Отозван.
document-lost = У этого устройства больше нет ключа к нему. Попросите предложить его ещё раз.
document-under-way = В пути
document-failed = Не получилось. Попробуйте ещё раз.
document-dismiss = Хорошо
say-document = { $name } предлагает документ: { $file }
