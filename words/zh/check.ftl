### Signatures that the reader’s browser has checked.

holds = 签名已由您的浏览器核验
holds-how = 本页地址指明会议的创始文件，创始文件为每个代表团指明一把密钥，下方文本即以该密钥签署。创始文件是否正确，只有给您链接的人才能说明。
fails = 签名无效
fails-how = 您的浏览器无法将此签名追溯至本页地址所指明的创始文件。请勿将此文本视为该代表团的文本。
source = 签署时的原文
