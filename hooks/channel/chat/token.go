package chat

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json/v2"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// Claims are what a visitor token says. Name, address and number were told by
// the page and are not proven; User is.
type Claims struct {
	Visitor string `json:"v"`
	User    string `json:"u,omitempty"`
	Name    string `json:"n,omitempty"`
	Email   string `json:"e,omitempty"`
	Phone   string `json:"p,omitempty"`
}

const tokenVersion = "v1."

// issue signs a token.
func issue(keys *settings.Keys, c Claims) string {
	raw, err := json.Marshal(c)
	if err != nil {
		panic(err) // strings always marshal; invalid UTF-8 was refused before
	}
	body := base64.RawURLEncoding.EncodeToString(raw)
	return tokenVersion + body + "." + keys.MAC(settings.PurposeVisitor, body)
}

// read verifies a token.
func read(keys *settings.Keys, token string) (Claims, bool) {
	rest, ok := strings.CutPrefix(token, tokenVersion)
	if !ok || len(rest) > 4096 {
		return Claims{}, false
	}
	body, code, ok := strings.Cut(rest, ".")
	if !ok || !keys.Check(code, settings.PurposeVisitor, body) {
		return Claims{}, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(body)
	var c Claims
	if err != nil || json.Unmarshal(raw, &c) != nil || c.Visitor == "" {
		return Claims{}, false
	}
	return c, true
}

// newVisitor is a random visitor id of 120 bits.
func newVisitor() string {
	b := make([]byte, 15)
	_, _ = rand.Read(b) // never fails since Go 1.24
	return "a" + hex.EncodeToString(b)
}

// userVisitor is the visitor id of a customer whom the shop's site signed in.
func userVisitor(user string) string {
	sum := sha256.Sum256([]byte("shohay user\x00" + user))
	return "u" + hex.EncodeToString(sum[:15])
}

// bearer is the visitor token of a request.
func bearer(e *core.RequestEvent) string {
	h := e.Request.Header.Get("Authorization")
	if len(h) > 7 && strings.EqualFold(h[:7], "Bearer ") {
		return h[7:]
	}
	return h
}

// identities are what the contact is found by: the proven id first.
func (c Claims) identities() []conversation.Identity {
	var ids []conversation.Identity
	if c.User != "" {
		ids = append(ids, conversation.Identity{Kind: schema.KindUser, Value: c.User, Verified: true})
	}
	return append(ids, conversation.Identity{Kind: schema.KindVisitor, Value: c.Visitor, Verified: true})
}

// Visitor reads a visitor's token for another room: which browser it is, and
// whether the shop's own site has said who sits there.
func (room *Room) Visitor(token string) (visitor string, signed, ok bool) {
	c, ok := read(room.keys(), token)
	return c.Visitor, c.User != "", ok
}
