### Whether the server can be reached, on the pages with secrets.

restart-socket = يُعاد تشغيل الخادم. تعود هذه الصفحة من تلقاء نفسها، خلال ثوانٍ عادةً.
unreachable = تعذّر الوصول إلى الخادم. تحقّقوا من اتصالكم؛ وتعاود الصفحة المحاولة من تلقاء نفسها.
