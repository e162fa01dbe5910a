package demo

import (
	"fmt"
	"net"
	"strings"
)

// Text is what the terminal shows once the demo runs. base is the address of
// the program, such as http://127.0.0.1:8090.
func (d *Demo) Text(base string) string {
	base = strings.TrimRight(base, "/")
	smtpAt, imapAt := address(d.post.smtpAt), address(d.post.imapAt)
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("Rupali Store is open. It is a demo: nothing leaves this machine.")
	line("")
	wide := len(base) + len("/demo/") + 3
	place := func(name, path, who string) {
		line("%s", strings.TrimRight(fmt.Sprintf("  %-20s%-*s%s", name, wide, path, who), " "))
	}
	owner := OwnerEmail + "  " + Password
	place("Shop with the chat", base+"/demo/", "")
	place("Help page", base+"/", "")
	place("Desk", base+"/desk/", owner)
	place("", "", AgentEmail+"   "+Password)
	place("Admin UI", base+"/_/", owner)
	line("")
	line("Write to the shop by e-mail as a customer (paste all of it):")
	line("")
	line("curl -sS --crlf --url smtp://%s --mail-from nusrat@example.com --mail-rcpt %s -T - <<EOF", smtpAt, ShopAddress)
	line("From: Nusrat Jahan <nusrat@example.com>")
	line("To: %s", ShopAddress)
	line("Subject: Is the blue saree in stock?")
	line("Message-ID: <$(date +%%s)@example.com>")
	line("")
	line("Assalamu alaikum, do you have the blue jamdani in stock?")
	line("EOF")
	line("")
	line("It appears in the desk at once. Answer it there; the answer lies in the customer's mailbox:")
	line("")
	line("  %s/demo/mail/?to=nusrat@example.com", base)
	line("  curl -sS -u nusrat@example.com:%s 'imap://%s/INBOX;MAILINDEX=*'", MailPassword, imapAt)
	line("")
	line("(Every address has a mailbox here, with the password %q. SMTP %s, IMAP %s.)", MailPassword, smtpAt, imapAt)
	return b.String()
}

func address(a net.Addr) string { return a.String() }
