### What a page says where no script runs: in all languages at once, for it cannot know which is read.

needs-script-page = Cette page a besoin de JavaScript : ce qu’elle fait avec les clés, elle le fait dans votre navigateur.
