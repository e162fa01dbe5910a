package kb

import (
	"net/url"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const maxSlug = 80 // letters

// Slug is a word for an address: letters with their vowel signs, digits and
// hyphens. Bangla stays Bangla.
func Slug(title string) string {
	var b strings.Builder
	gap, n := false, 0
	for _, r := range norm.NFC.String(strings.ToLower(title)) {
		switch {
		case r == '\u200c' || r == '\u200d' || r == '\'' || r == '’':
			continue // joins, does not part
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r) && b.Len() > 0:
			if gap && b.Len() > 0 {
				b.WriteByte('-')
				n++
			}
			gap = false
			b.WriteRune(r)
			n++
		default:
			gap = true
		}
		if n >= maxSlug && !unicode.IsMark(r) {
			break
		}
	}
	return b.String()
}

// reserved are first parts under /help/ that mean something else.
var reserved = map[string]bool{"search": true, "files": true, "vote": true, "feed": true, "index": true, "sitemap": true, "bn": true, "en": true}

// Path is the address of something in the help centre in a language; slug ""
// is the list of everything.
func Path(lang, slug string) string {
	if slug == "" {
		return "/help/" + lang + "/"
	}
	return "/help/" + lang + "/" + url.PathEscape(slug)
}

// CategoryPath is the address of a category.
func CategoryPath(lang, slug string) string { return Path(lang, slug) + "/" }

// Video is how a film of another site is shown and opened.
type Video struct {
	Embed string // address of the frame
	Link  string // address of the page
	Site  string // its name
	Frame string // origin that may be framed
}

// ParseVideo knows the links of YouTube, Vimeo and Facebook.
func ParseVideo(link string) (Video, bool) {
	u, err := url.Parse(strings.TrimSpace(link))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return Video{}, false
	}
	host := strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(u.Host), "www."), "m.")
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	last := parts[len(parts)-1]
	switch host {
	case "youtu.be", "youtube.com", "youtube-nocookie.com":
		id := u.Query().Get("v")
		if id == "" && (host == "youtu.be" || len(parts) == 2 && (parts[0] == "embed" || parts[0] == "shorts" || parts[0] == "live")) {
			id = last
		}
		if !isID(id) {
			return Video{}, false
		}
		return Video{"https://www.youtube-nocookie.com/embed/" + id + "?autoplay=1&rel=0", "https://www.youtube.com/watch?v=" + id, "YouTube", "https://www.youtube-nocookie.com"}, true
	case "vimeo.com", "player.vimeo.com":
		if !isID(last) || strings.TrimLeft(last, "0123456789") != "" {
			return Video{}, false
		}
		return Video{"https://player.vimeo.com/video/" + last + "?autoplay=1&dnt=1", "https://vimeo.com/" + last, "Vimeo", "https://player.vimeo.com"}, true
	case "facebook.com", "fb.watch":
		if last == "" {
			return Video{}, false
		}
		u.Scheme, u.User = "https", nil
		return Video{"https://www.facebook.com/plugins/video.php?autoplay=true&href=" + url.QueryEscape(u.String()), u.String(), "Facebook", "https://www.facebook.com"}, true
	}
	return Video{}, false
}

func isID(s string) bool {
	return len(s) >= 5 && len(s) <= 24 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == ""
}
