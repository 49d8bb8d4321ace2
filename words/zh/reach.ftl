### Whether the server can be reached, on the pages with secrets.

restart-socket = 服务器正在重新启动。本页会自行恢复，通常只需数秒。
unreachable = 无法连接服务器。请检查您的网络连接；本页会自行重试。
