### What people are in a meeting.

role-principal = bevollmächtigt
role-adviser = beratend
role-interpreter = dolmetschend
role-secretary = Sekretariat
