package html

// hostilePages are texts that a page should never take for more.
var hostilePages = []string{
	`<script>window.pwned=1</script>`,
	`<img src=x onerror="window.pwned=1">`,
	`"><svg onload=window.pwned=1>`,
	`' onmouseover='window.pwned=1' autofocus onfocus='window.pwned=1`,
	`javascript:window.pwned=1`,
	`</script><script>window.pwned=1</script>`,
	`</style><style>*{display:none}</style>`,
	`</noscript></table></article><script>window.pwned=1</script>`,
	`<!--`, `-->`, `]]>`, `<![CDATA[`,
	`{{.}} ${window.pwned=1} <%= 1 %> {}`,
	`<base href="https://example.org/"><meta http-equiv="refresh" content="0;url=https://example.org/">`,
	`&lt;script&gt;window.pwned=1&lt;/script&gt; &#60;img src=x onerror=window.pwned=1&#62;`,
	`<math><mtext><table><mglyph><style><img src=x onerror=window.pwned=1>`,
	"\u202Egnissalb\u2066 \x1b[31m \u2028 \x00",
	"line\n<article data-a=\"submit\" data-k=\"journal\">\n<tr data-a=\"submit\"><td>",
}
