### Los canales de idioma, en la sala y en la página pública.

hear = Idioma
floor-sound = Sala
unstaffed = { $language } (nadie interpreta ahora)
beneath = Sala de fondo
percent = { $percent } %
hears-nobody = Nadie interpreta ahora a este idioma: { $language }. Usted oye la sala.
hears-missing = De la cabina de { $language } no llega nada en este momento. Usted oye la sala.
hears-stranger = Lo que llegó en lugar del canal { $language } no lo envió su intérprete y no se reproduce. Usted oye la sala.
