### What people are in a meeting.

role-principal = полномочный представитель
role-adviser = советник
role-interpreter = переводчик
role-secretary = секретарь
