package spam

import (
	"strconv"
	"strings"

	"github.com/shohay/shohay/hooks/channel/mail/mime"
)

// Mark is what a provider's filter said against a mail. The zero Mark says
// nothing.
type Mark struct {
	Spam   bool
	Reason string // ByProvider or ByFolder
	By     string // the header field or the folder that says so
}

// Reasons for a verdict, beside those of [Blocklist.Match]. Each has a sentence
// in the catalogue, mail.spam_<reason> with {by}.
const (
	ByProvider = "provider"
	ByFolder   = "folder"
	ByLearning = "learned"
)

// Levels from which providers put mail into the junk folder by default.
const (
	levelSCL   = 5   // Microsoft's spam confidence, -1 to 9
	levelBCL   = 7   // Microsoft's bulk complaint level, 0 to 9
	levelStars = 5   // SpamAssassin's usual threshold, in stars
	maxMarks   = 500 // fields looked at
)

// Provider reads the marks of a mail's header and of the folder it lies in.
// Any mark against a mail counts; none speaks for it.
func Provider(h mime.Header, folder string) Mark {
	if Junk(folder) {
		return Mark{true, ByFolder, folder}
	}
	status := false // a filter gave its verdict in words
	stars := 0
	for i, f := range h {
		if i == maxMarks {
			break
		}
		name, value := strings.ToLower(f.Name), strings.ToLower(strings.TrimSpace(f.Value))
		word := value
		if j := strings.IndexAny(value, " ,;:("); j >= 0 {
			word = value[:j]
		}
		hit := false
		switch name {
		case "x-spam-flag", "x-spam", "x-barracuda-spam-flag", "x-spam-detected", "x-is-spam":
			hit = yes(word)
		case "x-spam-status", "x-barracuda-spam-status":
			status = status || word == "no" || word == "yes"
			hit = word == "yes"
		case "x-spam-level":
			stars = max(stars, len(value)-len(strings.TrimLeft(value, "*+sx")))
		case "x-gm-spam", "x-gm-phishy", "x-spam-phish":
			hit = yes(word)
		case "x-spam-action", "x-rspamd-action":
			hit = strings.HasPrefix(value, "add header") || strings.HasPrefix(value, "rewrite subject") || word == "reject" || word == "quarantine"
		case "x-spamd-result":
			hit = strings.HasPrefix(value, "default: true")
		case "x-dspam-result", "x-bogosity", "x-ovh-spamstate", "x-vr-spamstate", "x-spampanel-class", "x-spamexperts-class", "x-mras", "x-kaspersky-antispam", "x-proofpoint-spam":
			hit = word == "spam" || word == "phish" || word == "phishing" || word == "yes" || word == "malware"
		case "x-proofpoint-spam-details":
			hit = strings.HasPrefix(value, "rule=spam") || strings.HasPrefix(value, "rule=phish")
		case "x-yandex-spam":
			hit = word == "4"
		case "x-ms-exchange-organization-scl", "x-scl":
			hit = atLeast(word, levelSCL)
		case "x-microsoft-antispam", "x-forefront-antispam-report", "x-microsoft-antispam-mailbox-delivery":
			hit = microsoft(value)
		}
		if hit {
			return Mark{true, ByProvider, f.Name}
		}
	}
	// Stars are only a number; the filter's own verdict knows its threshold.
	if !status && stars >= levelStars {
		return Mark{true, ByProvider, "X-Spam-Level"}
	}
	return Mark{}
}

// microsoft reads "SCL:5;BCL:0;SFV:SPM;CAT:SPM;…".
func microsoft(value string) bool {
	for pair := range strings.SplitSeq(value, ";") {
		k, v, _ := strings.Cut(strings.TrimSpace(pair), ":")
		v = strings.TrimSpace(v)
		switch k {
		case "scl":
			if atLeast(v, levelSCL) {
				return true
			}
		case "bcl":
			if atLeast(v, levelBCL) {
				return true
			}
		case "sfv":
			// Marked by the filter, by a rule, by the owner's own list.
			if v == "spm" || v == "sks" || v == "skb" {
				return true
			}
		case "cat":
			switch v {
			case "spm", "hspm", "phsh", "hphsh", "hphish", "malw", "spoof", "uimp", "dimp", "bulk":
				return true
			}
		case "dest":
			if v == "j" {
				return true // delivered into the junk folder
			}
		}
	}
	return false
}

func yes(word string) bool {
	return word == "yes" || word == "true" || word == "1" || word == "spam"
}

func atLeast(s string, n int) bool {
	v, err := strconv.Atoi(s)
	return err == nil && v >= n
}

// folders are the names that mail programs give to the junk folder.
var folders = func() map[string]bool {
	all := map[string]bool{}
	for _, n := range strings.Split(`junk|\junk|spam|junk email|junk e-mail|junk mail|bulk|bulk mail|spamverdacht|unerwünscht|courrier indésirable|indésirables|pourriel|correo no deseado|no deseado|lixo eletrônico|posta indesiderata|ongewenste e-mail|спам|нежелательная почта|垃圾邮件|垃圾郵件|迷惑メール|스팸|স্প্যাম|স্পাম|জাঙ্ক`, "|") {
		all[n] = true
	}
	return all
}()

// Junk says whether a folder is the one for unwanted mail, by its name or by
// its special use. Folders below it are not.
func Junk(folder string) bool {
	name := strings.ToLower(strings.TrimSpace(folder))
	if folders[name] {
		return true
	}
	if i := strings.LastIndexAny(name, "/."); i >= 0 {
		switch name[:i] {
		case "inbox", "[gmail]", "[google mail]":
			return folders[name[i+1:]]
		}
	}
	return false
}
