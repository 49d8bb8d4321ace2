### Die Sprachkanäle, im Raum und auf der öffentlichen Seite.

hear = Sprache
floor-sound = Saal
unstaffed = { $language } (zurzeit dolmetscht niemand)
beneath = Saal darunter
percent = { $percent } %
hears-nobody = Zurzeit dolmetscht niemand in diese Sprache: { $language }. Sie hören den Saal.
hears-missing = Aus der Kabine für { $language } kommt gerade nichts. Sie hören den Saal.
hears-stranger = Was anstelle von { $language } kam, stammt nicht aus der Kabine und wird nicht abgespielt. Sie hören den Saal.
