package mime

import (
	"path"
	"strings"
	"unicode/utf8"
)

const maxName = 120 // bytes of a file name (rule 54)

// extensions for attachments that came without a name.
var extensions = map[string]string{
	"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp", "image/heic": ".heic",
	"application/pdf": ".pdf", "application/zip": ".zip", "text/plain": ".txt", "text/html": ".html",
	"text/csv": ".csv", "text/calendar": ".ics", "text/vcard": ".vcf", "text/x-vcard": ".vcf",
	"message/rfc822": ".eml", "application/pgp-signature": ".asc", "application/pkcs7-signature": ".p7s",
	"application/ms-tnef": ".dat", "message/delivery-status": ".txt", "text/rfc822-headers": ".txt",
	"audio/mpeg": ".mp3", "audio/ogg": ".ogg", "audio/amr": ".amr", "video/mp4": ".mp4", "video/3gpp": ".3gp",
}

// safeName makes a file name of what a sender wrote: the base name of either
// kind of path, no control or direction-changing characters, at most maxName
// bytes with the extension kept.
func safeName(raw string) string {
	name := cleanLine(raw, 1000)
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`<>:"/|?*`, r) || r == 0x200e || r == 0x200f || r == 0xfffd {
			return '_'
		}
		return r
	}, name)
	name = strings.Trim(name, " .")
	if name == "" {
		return ""
	}
	if len(name) <= maxName {
		return name
	}
	ext := path.Ext(name)
	if len(ext) > 16 {
		ext = ""
	}
	stem := name[:maxName-len(ext)]
	for !utf8.ValidString(stem) {
		stem = stem[:len(stem)-1]
	}
	return stem + ext
}

// fileName names a part: what its fields say, or a plain word for its type.
func (n *node) fileName(charset string) string {
	raw := n.dispParams["filename"]
	if raw == "" {
		raw = n.params["name"]
	}
	// RFC 2047 words in quotes are not allowed and everywhere.
	if name := safeName(decodeWords(raw, charset)); name != "" {
		return name
	}
	stem := "attachment"
	switch {
	case strings.HasPrefix(n.media, "image/"):
		stem = "image"
	case n.media == "message/rfc822":
		stem = "message"
	case n.media == "text/calendar":
		stem = "invitation"
	}
	return stem + extensions[n.media]
}

// named says whether the sender gave the part a file name.
func (n *node) named() bool {
	return n.dispParams["filename"] != "" || n.params["name"] != ""
}
