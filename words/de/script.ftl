### What a page says where no script runs: in all languages at once, for it cannot know which is read.

needs-script-page = Diese Seite benötigt JavaScript: Was sie mit Schlüsseln tut, tut sie in Ihrem Browser.
