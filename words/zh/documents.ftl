### Documents that members offer one another.

documents = 文件
documents-note = 只有在会场内的人能收到，公开部分也是如此。服务器在会议结束前保存其密封内容。您看到的是您在场期间提供的文件。
documents-none = 尚未提供任何文件。
document-offer = 提供文件…
document-drop = 或拖放到此处。最大 10 MB。
document-part-closed = 闭门部分 { $number }
document-part-open = 公开部分 { $number }：公众收不到这些文件
document-what = { $size }，{ $type }
document-mine = 由您提供
document-from = 由 { $name }（{ $delegation }）提供
document-fetch = 获取
document-fetch-what = 获取 { $file }
document-save = 保存到本设备
document-show = 显示
document-withdraw = 撤回
document-withdraw-what = 撤回 { $file }
document-waiting = 正在送达其他人…
document-withdrawn = 已撤回。
document-lost = 本设备已没有它的密钥。请对方重新提供。
document-under-way = 传送中
document-failed = 未能完成。请重试。
document-dismiss = 知道了
say-document = { $name } 提供了文件：{ $file }
