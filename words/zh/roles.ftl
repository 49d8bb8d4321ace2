### What people are in a meeting.

role-principal = 全权代表
role-adviser = 顾问
role-interpreter = 口译员
role-secretary = 秘书
