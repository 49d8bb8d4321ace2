### Whether the server can be reached, on the pages with secrets.

restart-socket = The house restarts. This page comes back by itself, usually within seconds.
unreachable = The server cannot be reached. Check your connection; the page tries again by itself.
