aside = Mi delegación
aside-note = Solo su delegación lee esto. Las demás pueden saber que se ha dicho algo, pero no qué.
aside-write = Escribir solo a su delegación
say-aside = Solo para su delegación, de { $name }: { $text }
