### What a page says where no script runs: in all languages at once, for it cannot know which is read.

needs-script-page = 本页需要 JavaScript：一切与密钥有关的操作都在您的浏览器中进行。
