package dkimkey

import (
	"context"
	"encoding/base64"
	"errors"
	"net"
	"strings"
)

// Answer is what a look at DNS found. Key names a sentence of the catalogue and
// Values fill it.
type Answer struct {
	Good   bool
	Key    string
	Values map[string]any
}

// Sentences of [Key.Check].
const (
	Good    = "mail.dkim_good"
	Missing = "mail.dkim_missing"
	Other   = "mail.dkim_other"   // another key
	Unseen  = "mail.dkim_unseen"  // DNS could not be asked: {said}
	Doubled = "mail.dkim_doubled" // published under {name}: the domain stands in it twice
	Several = "mail.dkim_several" // more than one record
	Spoiled = "mail.dkim_spoiled" // our key, but the text around it was changed
)

// Check asks whether the key's record is published as it should be. lookup
// asks for TXT records, net.DefaultResolver.LookupTXT for one. It does not keep
// what it learned, an owner who waits for DNS asks again and again.
func (k *Key) Check(ctx context.Context, domain, selector string, lookup func(ctx context.Context, name string) ([]string, error)) Answer {
	want := k.Record(domain, selector)
	texts, err := lookup(ctx, want.Name)
	if err != nil && !notFound(err) {
		return Answer{Key: Unseen, Values: map[string]any{"said": said(err)}}
	}
	switch len(texts) {
	case 0:
		// Forms that add the domain by themselves make this of a full name.
		twice := want.Name + "." + ascii(domain)
		if texts, err := lookup(ctx, twice); err == nil && len(texts) > 0 {
			return Answer{Key: Doubled, Values: map[string]any{"name": twice, "host": want.Host}}
		}
		return Answer{Key: Missing}
	case 1:
	default:
		return Answer{Key: Several}
	}
	sound, same := k.compare(texts[0])
	switch {
	case sound && same:
		return Answer{Good: true, Key: Good}
	case same:
		return Answer{Key: Spoiled}
	}
	return Answer{Key: Other}
}

// compare reads a record: whether a verifier can, and whether it is our key.
func (k *Key) compare(text string) (sound, same bool) {
	tags := map[string]string{}
	sound = true
	for i, part := range strings.Split(strings.TrimSpace(text), ";") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		name, value, ok := strings.Cut(part, "=")
		name = strings.TrimSpace(name)
		if _, twice := tags[name]; !ok || twice || i == 0 && name != "v" && name != "k" && name != "p" {
			sound = false
		}
		tags[name] = strings.TrimSpace(value)
	}
	if v, ok := tags["v"]; ok && v != "DKIM1" {
		sound = false
	}
	if t, ok := tags["k"]; ok && t != "rsa" {
		sound = false
	}
	if h, ok := tags["h"]; ok && !strings.Contains(h, "sha256") {
		sound = false
	}
	if s, ok := tags["s"]; ok && !strings.Contains(s, "*") && !strings.Contains(s, "email") {
		sound = false
	}
	key := strings.ReplaceAll(tags["p"], " ", "")
	if _, err := base64.StdEncoding.DecodeString(key); err != nil {
		sound = false
	}
	// Quotes, backslashes and the like come from pasting.
	bare := func(s string) string {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune("\"'\\ \t\r\n“”", r) {
				return -1
			}
			return r
		}, s)
	}
	same = key == k.public()
	if !same && strings.Contains(bare(text), k.public()) {
		return false, true
	}
	return sound, same
}

func notFound(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound
}

// said is the shortest true form of an error of a lookup.
func said(err error) string {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return dns.Err
	}
	return err.Error()
}
