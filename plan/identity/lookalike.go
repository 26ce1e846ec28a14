package identity

import "unicode"

// lookalikes are characters of other scripts that look like a Latin letter or a
// digit: each text begins with that one. Source: confusables.txt of Unicode
// Technical Standard #39 (14.0.0), the letters and numbers of the basic plane that
// stay as they are under NFKC, without the scripts that run from right to left. It
// has no more of it, so that it stays small: about 300 characters, 2 kB.
var lookalikes = [...]string{
	"2ƧϨᒿꙄꛯꝚ",
	"3ƷȜЗӠⳌꝪꞫ",
	"4Ꮞ",
	"5Ƽ",
	"6бᏮⳒ",
	"8Ȣȣ",
	"9ⳊꝮ",
	"AΑАᎪᗅꓮ",
	"BΒВᏴᗷꓐꞴ",
	"CСᏟⲤꓚ",
	"DᎠᗞᗪꓓ",
	"EΕЕᎬⴹꓰ",
	"FϜᖴꓝꞘ",
	"GԌᏀᏳꓖ",
	"HΗНᎻᕼⲎꓧ",
	"JͿЈᎫᒍꓙꞲ",
	"KΚКᏦᛕⲔꓗ",
	"LᏞᒪⳐꓡ",
	"MΜϺМᎷᗰᛖⲘꓟ",
	"NΝⲚꓠ",
	"OΟОՕଠዐⲞⵔ〇ꓳ",
	"PΡРᏢᑭⲢꓑ",
	"Qⵕ",
	"RƦᎡᏒᖇꓣ",
	"SЅՏᏕᏚꓢ",
	"TΤТᎢⲦꓔ",
	"UՍሀᑌꓴ",
	"VѴᏙᐯⴸꓦꛟ",
	"WԜᎳᏔꓪ",
	"XΧХᚷⲬⵝꓫꞳ",
	"YΥУҮᎩᎽⲨꓬ",
	"ZΖᏃꓜ",
	"aɑαа",
	"bƄЬᏏᑲᖯ",
	"cсᴄⲥꮯ",
	"dԁᏧᑯꓒ",
	"eеҽꬲ",
	"fքẝꞙꬵ",
	"gƍɡցᶃ",
	"hһհᏂ",
	"iıɩɪιіӏᎥꙇꭵ",
	"jϳј",
	"lƖǀΙІӀᛁⲒⵏꓲ",
	"nոռ",
	"oοσоօഠဝჿᴏᴑⲟꬽ",
	"pρрⲣ",
	"qԛգզ",
	"rгᴦⲅꭇꭈꮁ",
	"sƽѕꜱꮪ",
	"uʋυսᴜꞟꭎꭒ",
	"vνѵᴠꮩ",
	"wɯѡԝաᴡꮃ",
	"xхᕁᕽ",
	"yɣʏγуүყᶌỿꭚ",
	"zᴢꮓ",
}

var latin = latinLetters()

func latinLetters() map[rune]rune {
	m := make(map[rune]rune)
	for _, list := range lookalikes {
		var meant rune
		for i, r := range list {
			if i == 0 {
				meant = r
				continue
			}
			m[r] = meant
		}
	}
	return m
}

// latinOf returns the Latin letter or the digit that a character looks like, and
// the character itself where it looks like none. A letter that is a look-alike as
// a capital only counts as its capital.
func latinOf(r rune) rune {
	if r <= unicode.MaxASCII {
		return r
	}
	if digit, ok := digitOf(r); ok {
		return digit
	}
	if l, ok := latin[r]; ok {
		return l
	}
	if l, ok := latin[unicode.ToUpper(r)]; ok {
		return unicode.ToLower(l)
	}
	return r
}

// digitOf returns the digit that a decimal digit of another script stands for.
// Unicode keeps the ten digits of a script together, in their order.
func digitOf(r rune) (rune, bool) {
	for _, block := range unicode.Nd.R16 {
		if lo, hi := rune(block.Lo), rune(block.Hi); lo <= r && r <= hi {
			return '0' + (r-lo)%10, true
		}
	}
	return 0, false
}
