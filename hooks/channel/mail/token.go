package mail

import (
	"crypto/hmac"
	"encoding/base32"
	"encoding/base64"
	"regexp"
	"strings"
)

// MAC makes keyed codes; settings.Keys does.
type MAC interface {
	MAC(purpose string, parts ...string) string
}

// token is what a Message-ID of ours says: <t.{conversation}.{message}.{code}@{domain}>.
type token struct{ conversation, message, code string }

var tokenForm = regexp.MustCompile(`^t\.([a-z0-9]{1,30})\.([a-z0-9]{1,30})\.([a-z2-7]{16})@`)

// anywhere finds ids of ours in running text, such as a delivery report's.
var anywhere = regexp.MustCompile(`t\.[a-z0-9]{1,30}\.[a-z0-9]{1,30}\.[a-z2-7]{16}@[A-Za-z0-9.-]{1,253}`)

// envelopes finds envelope senders of ours likewise.
var envelopes = regexp.MustCompile(`[A-Za-z0-9._-]{1,40}\+b\.[a-z0-9]{1,30}\.[a-z2-7]{16}@[A-Za-z0-9.-]{1,253}`)

// readToken reads a Message-ID without <>; false if it has not our form.
func readToken(id string) (token, bool) {
	m := tokenForm.FindStringSubmatch(id)
	if m == nil {
		return token{}, false
	}
	return token{m[1], m[2], m[3]}, true
}

// messageID is the id of a message of ours to one address (rule 13). Nobody
// without the key can make one, so who refers to it got our mail or was given
// it by somebody who did.
func messageID(keys MAC, purpose, conversation, message, address, domain string) string {
	return "t." + conversation + "." + message + "." + code(keys, purpose, conversation, message, address) + "@" + domain
}

// code is 80 bits of the MAC in base32: letters that survive any mailer.
func code(keys MAC, purpose, conversation, message, address string) string {
	raw, err := base64.RawURLEncoding.DecodeString(keys.MAC(purpose, "v1", conversation, message, strings.ToLower(address)))
	if err != nil || len(raw) < 10 {
		return ""
	}
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw[:10]))
}

// boundTo says whether the token was made for the address, in constant time.
func (t token) boundTo(keys MAC, purpose, address string) bool {
	want := code(keys, purpose, t.conversation, t.message, address)
	return address != "" && want != "" && hmac.Equal([]byte(want), []byte(t.code))
}

// noAutoAddress are addresses behind which nobody reads (rule 33).
var noAutoAddress = regexp.MustCompile(`^(?:mailer-daemon|postmaster|[a-z0-9._+-]*(?:no|donot|do-not|dont)[-_.]?reply[a-z0-9._+-]*|[a-z0-9._+-]*bounces?[a-z0-9._+=-]*)@`)

// plusForm is the local part of a Reply-To of ours, shop+c.{conversation}.{code}
// (rule 15).
var plusForm = regexp.MustCompile(`\+c\.([a-z0-9]{1,30})\.([a-z2-7]{16})$`)

// plusMark stands in a plus address's code where a Message-ID has the message.
const plusMark = "plus"

// plusAddress is the address that one recipient's answers come to; "" when the
// mailbox's address has no room for it.
func plusAddress(keys MAC, purpose, box, conversation, recipient string) string {
	local, domain, ok := strings.Cut(box, "@")
	local += "+c." + conversation + "." + code(keys, purpose, conversation, plusMark, recipient)
	if !ok || len(local) > 64 {
		return ""
	}
	return local + "@" + domain
}

// readPlus reads an address made by plusAddress.
func readPlus(address string) (token, bool) {
	local, _, _ := strings.Cut(strings.ToLower(address), "@")
	m := plusForm.FindStringSubmatch(local)
	if m == nil {
		return token{}, false
	}
	return token{m[1], plusMark, m[2]}, true
}

// bounceForm is the local part of an envelope sender of ours, shop+b.{message}.{code}
// (rule 41).
var bounceForm = regexp.MustCompile(`\+b\.([a-z0-9]{1,30})\.([a-z2-7]{16})$`)

// bounceAddress is the envelope sender of a message to one recipient: whatever
// is reported of it comes to an address that names the message, even when the
// report quotes nothing. "" when the mailbox's address has no room for it.
func bounceAddress(keys MAC, purpose, box, conversation, message, recipient string) string {
	local, domain, ok := strings.Cut(box, "@")
	local += "+b." + message + "." + code(keys, purpose, conversation, message, recipient)
	if !ok || len(local) > 64 {
		return ""
	}
	return local + "@" + domain
}

// readBounce reads an address made by bounceAddress. Its conversation is the
// message's, which the caller looks up.
func readBounce(address string) (token, bool) {
	local, _, _ := strings.Cut(strings.ToLower(address), "@")
	m := bounceForm.FindStringSubmatch(local)
	if m == nil {
		return token{}, false
	}
	return token{"", m[1], m[2]}, true
}
