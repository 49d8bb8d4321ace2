### What a meeting owes the public by its founding document.

duties = 会议对公众的义务
duty-reports = 会议结束之前须向公众报告：只能在公开时结束。
duty-pauses = 公众听不到时会议暂停：在公开部分，公众能听到之前不发送任何内容。
