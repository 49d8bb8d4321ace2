### What people are in a meeting.

role-principal = representante principal
role-adviser = asesor
role-interpreter = intérprete
role-secretary = secretario
