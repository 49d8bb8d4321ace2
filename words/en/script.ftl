### What a page says where no script runs: in all languages at once, for it cannot know which is read.

needs-script-page = This page needs JavaScript: what it does with keys, it does in your browser.
