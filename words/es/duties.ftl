### What a meeting owes the public by its founding document.

duties = Lo que la reunión debe al público
duty-reports = Informa antes de terminar: se levanta en público y en ningún otro momento.
duty-pauses = Se interrumpe mientras el público no puede oírla: en una parte pública no se envía nada hasta que pueda.
