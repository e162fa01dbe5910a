package mime

import (
	"bytes"
	"regexp"
	"strings"
)

var (
	noReplyLocal = regexp.MustCompile(`^(no|do[-_.]?not)[-_.]?reply([-_.+].*)?$|^bounces?([-_.+=].*)?$`)
	daemonLocal  = regexp.MustCompile(`^(mailer[-_.]?daemon|postmaster|mail[-_.]?daemon|mdaemon)$`)
	daemonName   = regexp.MustCompile(`(?i)mail(er)?[ -](delivery|daemon)|delivery sub ?system`)
)

// mark finds out whether a machine wrote the mail.
//
// NoAck follows every sign of rule 33. Automatic leaves out the signs that
// mail of people carries too: X-Auto-Response-Suppress, which Exchange stamps
// on everything (rule 34), and what a mailing list adds to a member's post.
func (m *Mail) mark(root *node, nodes []node) {
	h := m.Header
	field := func(name string) string { return strings.ToLower(strings.TrimSpace(h.Get(name))) }
	first := func(s string) string {
		if i := strings.IndexAny(s, "; \t("); i >= 0 {
			return s[:i]
		}
		return s
	}

	local, _, _ := strings.Cut(m.From.Addr, "@")
	if m.From.Addr == "" {
		// "MAILER-DAEMON" without a domain.
		local = strings.ToLower(strings.Trim(strings.TrimSpace(h.Get("From")), "<>"))
	}
	daemon := daemonLocal.MatchString(local) || daemonName.MatchString(m.From.Name)
	nullPath := h.Has("Return-Path") && strings.Trim(field("Return-Path"), " <>") == ""
	auto := first(field("Auto-Submitted"))
	precedence := first(field("Precedence"))
	suppress := field("X-Auto-Response-Suppress")
	report := root.media == "multipart/report"
	reportType := strings.ToLower(root.params["report-type"])

	m.Receipt = report && reportType == "disposition-notification"
	failed := h.Has("X-Failed-Recipients")
	m.AutoReply = auto == "auto-replied" || precedence == "auto_reply" ||
		h.Has("X-Autoreply") || h.Has("X-Autorespond")

	list := h.Has("List-Id") || h.Has("List-Unsubscribe") || h.Has("List-Post") || precedence == "list"
	m.Automatic = auto != "" && auto != "no" || m.AutoReply || nullPath || report || failed || daemon ||
		precedence == "bulk" || precedence == "junk" || h.Has("X-Auto-Generated") || h.Has("Feedback-Type") ||
		noReplyLocal.MatchString(local)
	m.NoAck = m.Automatic || list || h.Has("X-Loop") ||
		strings.Contains(suppress, "all") || strings.Contains(suppress, "autoreply") || strings.Contains(suppress, "oof")

	deliveryPart := false
	for i := range nodes {
		switch nodes[i].media {
		case "message/delivery-status", "message/global-delivery-status":
			deliveryPart = true
		}
	}
	delivery := report && reportType == "delivery-status" || deliveryPart && report
	m.Bounce = !m.Receipt && (delivery || failed || daemon || nullPath && !m.AutoReply)
	if m.Bounce && m.AutoReply && !delivery && !failed {
		// A postmaster's vacation notice, not a report on a mail of ours.
		m.Bounce = daemon && auto != "auto-replied" || daemon && bytes.Contains(bytes.ToLower([]byte(m.Subject)), []byte("deliver"))
	}
}
