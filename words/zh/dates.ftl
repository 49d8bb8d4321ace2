### Days, as the server writes them.

day = { $year }年{ $month }月{ $day }日
weekday = { $day } { $weekday ->
    [1] 星期一
    [2] 星期二
    [3] 星期三
    [4] 星期四
    [5] 星期五
    [6] 星期六
   *[7] 星期日
}
moment = { $day } { $time }
