package letter

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/shohay/shohay/hooks/i18n"
)

const (
	maxReferences = 20      // and the root (rule 20)
	maxRefBytes   = 7 << 10 // of the field, unfolded
	maxSubject    = 200     // characters
)

// Line is a mail of the exchange: who wrote it and its Message-ID.
type Line struct {
	Incoming bool
	ID       string
}

// Thread picks what to refer to: the customer's last mail, and the root with
// the newest ids of both sides, oldest first.
func Thread(lines []Line) (reply string, refs []string) {
	seen := map[string]bool{}
	for _, l := range lines {
		if !strings.Contains(l.ID, "@") || len(l.ID) > 250 || strings.ContainsAny(l.ID, " \t\r\n<>") {
			continue
		}
		if l.Incoming {
			reply = l.ID
		}
		if !seen[l.ID] {
			seen[l.ID] = true
			refs = append(refs, l.ID)
		}
	}
	if len(refs) > maxReferences+1 {
		refs = append(refs[:1:1], refs[len(refs)-maxReferences:]...)
	}
	return reply, refs
}

// FoldIDs writes ids in brackets, each on its own line. The middle ones go
// first when the field would grow too long.
func FoldIDs(ids []string) string {
	total := 0
	for _, id := range ids {
		total += len(id) + 4
	}
	for total > maxRefBytes && len(ids) > 3 {
		total -= len(ids[1]) + 4
		ids = append(ids[:1:1], ids[2:]...)
	}
	return "<" + strings.Join(ids, ">\r\n <") + ">"
}

var (
	replyPrefix = regexp.MustCompile(`(?i)^\s*((re|aw|sv|vs|antw|ref|rv|fwd?|wg|tr|enc|উত্তর|ফরোয়ার্ড|ফরওয়ার্ড|回复|答复|转发)\s*(\[\d{1,3}\]|\(\d{1,3}\))?\s*[:：]\s*)+`)
	ourTag      = regexp.MustCompile(`\s*\[#[0-9০-৯]{1,12}\]`)
)

// Subject keeps one "Re:" and one number, however long the exchange
// (rule 19).
func Subject(subject string, number int64, shop, lang string, answers bool) string {
	subject = replyPrefix.ReplaceAllString(ourTag.ReplaceAllString(subject, ""), "")
	if r := []rune(strings.TrimSpace(subject)); len(r) > maxSubject {
		subject = string(r[:maxSubject])
	}
	subject = strings.TrimSpace(subject)
	if subject == "" {
		subject = i18n.T(lang, "mail.subject_ours", i18n.V{"shop": shop})
	}
	if answers {
		subject = "Re: " + subject
	}
	return fmt.Sprintf("%s [#%d]", subject, number)
}
