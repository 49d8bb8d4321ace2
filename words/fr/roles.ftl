### What people are in a meeting.

role-principal = représentant principal
role-adviser = conseiller
role-interpreter = interprète
role-secretary = secrétaire
