package mail_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
)

// parcel is a mail with attachments of so many bytes.
func parcel(id, from string, sizes ...int) string {
	extra := "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nsee the files\n"
	for i, n := range sizes {
		body := base64.StdEncoding.EncodeToString([]byte(strings.Repeat(id[:1], n)))
		extra += fmt.Sprintf("--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename=f%d.bin\nContent-Transfer-Encoding: base64\n\n%s\n", i, body)
	}
	return letter{id: id, from: from, extra: extra + "--b--\n"}.String()
}

func TestASenderHasAQuotaOfAttachments(t *testing.T) { // rule 55
	d := newDesk(t, func(r *core.Record) { r.Set(schema.MailboxAuthServ, "mx.shop.test") })
	d.Rooms.Mail.Attached(10_000)
	d.serve()
	rahim := "rahim@customer.test"
	forged := strings.Replace(parcel("c3@x.test", rahim, 8_000), "From:", "Authentication-Results: mx.shop.test; dmarc=fail header.from=customer.test\r\nFrom:", 1)
	for _, m := range []string{parcel("a1@x.test", rahim, 4_000, 3_000), forged, parcel("b2@x.test", rahim, 4_000, 2_500), parcel("d4@x.test", "karim@customer.test", 9_000)} {
		d.imap.Put(m)
	}
	all := d.incoming(4)
	for i, want := range []int{2, 1, 1, 1} {
		if got := len(all[i].GetStringSlice(schema.MsgFiles)); got != want {
			t.Errorf("mail %d has %d files instead of %d", i, got, want)
		}
	}
	if text := all[2].GetString(schema.MsgText); !strings.Contains(text, "One attachment (3.9 ") || !strings.Contains(text, "more than 9.8 ") {
		t.Errorf("the agent is told %q", text)
	}
	if info := all[2].GetString(schema.MsgFileInfo); strings.Contains(info, "f0.bin") || !strings.Contains(info, "f1.bin") {
		t.Errorf("kept %s", info)
	}
	if text := all[0].GetString(schema.MsgText); text != "see the files" {
		t.Errorf("%q", text)
	}
}
