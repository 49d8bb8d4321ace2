### Lines that are seen while they are typed.

typed-live = 实时输入
typed-live-note = 您输入的每个字，在场人员在您发送之前即可看到。
typed-ended = 已进入另一部分：您输入的内容不再有人看到。如需让人看到，请重新开启。
typed-now = 正在输入
typed-kept = 正在输入和最近写下的内容
typed-kept-empty = 本部分尚无文字。
typed-more = 另有 { $count } 人正在输入。
