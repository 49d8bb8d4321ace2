### What people are in a meeting.

role-principal = principal
role-adviser = adviser
role-interpreter = interpreter
role-secretary = secretary
