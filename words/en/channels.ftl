### The language channels, in the room and on the public page.

hear = Language
floor-sound = Floor
unstaffed = { $language } (nobody interprets now)
beneath = Floor beneath
percent = { $percent } %
hears-nobody = Nobody interprets into { $language } now. You hear the floor.
hears-missing = Nothing comes from the booth for { $language } at this moment. You hear the floor.
hears-stranger = What came in the place of { $language } was not sent by its interpreter, and is not played. You hear the floor.
