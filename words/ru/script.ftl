### What a page says where no script runs: in all languages at once, for it cannot know which is read.

needs-script-page = Этой странице нужен JavaScript: всё, что она делает с ключами, она делает в вашем браузере.
