### What people are in a meeting.

role-principal = ممثل مفوّض
role-adviser = مستشار
role-interpreter = مترجم شفوي
role-secretary = أمين سر
