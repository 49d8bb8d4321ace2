### What a page says where no script runs: in all languages at once, for it cannot know which is read.

needs-script-page = تحتاج هذه الصفحة إلى JavaScript: فكل ما تفعله بالمفاتيح تفعله في متصفحكم.
