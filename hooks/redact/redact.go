package redact

import (
	"net/netip"
	"regexp"
	"strings"
)

// Marks that stand for what was taken out.
const (
	Mail   = "‹address›"
	Phone  = "‹number›"
	IP     = "‹ip›"
	Token  = "‹token›"
	Values = "‹values›"
)

var (
	mailForm  = regexp.MustCompile(`(?i)[\p{L}\p{M}\p{N}.!#$%&'*+/=?^_{|}~-]+(?:@|%40)(?:[\p{L}\p{M}\p{N}-]+\.)+[\p{L}\p{M}\p{N}-]{2,}`)
	queryForm = regexp.MustCompile(`\?[^\s"<>]*=[^\s"<>]*`)
	tokenForm = regexp.MustCompile(`(?i)\bBearer\s+\S+|\beyJ[\w-]{8,}\.[\w-]+\.[\w-]+`)
	// Digits in a row of at least nine, with what people put between them;
	// dates, times and identifiers of ours have letters or fewer in a row.
	phoneForm = regexp.MustCompile(`(?:\+|\b00)\d[\d ()./-]{6,16}\d\b|\b0\d(?:[ -]?\d){7,12}\b|[০-৯](?:[ -]?[০-৯]){8,13}`)
	ipForm    = regexp.MustCompile(`\b\d{1,3}(?:\.\d{1,3}){3}\b|\[?[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}(?:%\w+)?\]?`)
)

// Text takes out everything that looks personal.
func Text(s string) string {
	if s == "" {
		return s
	}
	s = tokenForm.ReplaceAllString(s, Token)
	s = queryForm.ReplaceAllStringFunc(s, func(q string) string { return "?" + Values })
	s = mailForm.ReplaceAllString(s, Mail)
	s = ipForm.ReplaceAllStringFunc(s, func(m string) string {
		ip, err := netip.ParseAddr(strings.Trim(m, "[]"))
		if err != nil || ip.IsLoopback() || ip.IsUnspecified() {
			return m // a time of day, or this machine
		}
		return IP
	})
	return phoneForm.ReplaceAllString(s, Phone)
}

// personal are attributes of log lines that are of people whatever they hold.
var personal = map[string]bool{
	"userip": true, "remoteip": true, "useragent": true, "referer": true, "ip": true, "email": true, "from": true, "to": true, "recipient": true, "name": true,
	"text": true, "subject": true, "body": true, "phone": true, "address": true, "identity": true,
}

// Data takes what is personal out of the attributes of a log line, in depth.
func Data(data map[string]any) map[string]any {
	out := make(map[string]any, len(data))
	for k, v := range data {
		if personal[strings.ToLower(k)] {
			continue
		}
		out[k] = value(v)
	}
	return out
}

func value(v any) any {
	switch v := v.(type) {
	case string:
		return Text(v)
	case error:
		return Text(v.Error())
	case map[string]any:
		return Data(v)
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = value(v[i])
		}
		return list
	case []string:
		list := make([]string, len(v))
		for i := range v {
			list[i] = Text(v[i])
		}
		return list
	}
	return v
}
