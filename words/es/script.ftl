### What a page says where no script runs: in all languages at once, for it cannot know which is read.

needs-script-page = Esta página necesita JavaScript: lo que hace con las claves lo hace en su navegador.
