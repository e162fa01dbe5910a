package report

import (
	"strings"
	"testing"
)

// What servers say, in the ways of many of them (rules 42 and 43).
func TestReasonsOfServers(t *testing.T) {
	for line := range strings.SplitSeq(saidByServers, "\n") {
		want, said, _ := strings.Cut(line, "|")
		kind, key := Reason(said)
		if got := string(kind) + " " + strings.TrimPrefix(key, "mail.bounce_"); got != want {
			t.Errorf("%s: %s, want %s", said, got, want)
		}
	}
}

const saidByServers = `hard unknown|550 5.1.1 <a@b.test>: Recipient address rejected: User unknown in local recipient table
hard unknown|550 5.1.1 The email account that you tried to reach does not exist
hard unknown|554 delivery error: dd Requested mail action aborted, mailbox not found
hard unknown|550 #5.1.0 Address rejected.
hard unknown|550 5.1.1 unknown or illegal alias: a@b.test
hard unknown|511 sorry, no mailbox here by that name (#5.1.1 - chkuser)
hard unknown|550 No such user (a@b.test)
hard unknown|550 5.7.1 no mailbox found for a@b.test
hard unknown|553 we are sorry, badrcptto (this mail-box not found here) (#5.7.1)
hard unknown|550 ** there is no mail box for this customer **
hard unknown|550 5.2.1 Mailbox not available / Postfach nicht da
hard unknown|550 BAD_RECIPIENT, look at http://help.b.test/r
soft busy|450 4.2.1 Mailbox not available, try later
blocked spam|550 This server requires confirmation of yours, open http://b.test/Whitelist?ip=192.0.2.7
blocked relay|550-Switch on the sign-in of your program. 550-mx.c.test [192.0.2.9] is not permitted 550 to relay here without it.
blocked relay|550 You send without authentication.
hard unknown|550-5.1.1 We looked for the user 550-5.1.1 unknown 550 5.1.1 here
hard unknown|550-Sorry, here is no such 550-user with that name
blocked relay|553 sorry, b.test isn't in my list of allowed rcpthosts (#5.7.1)
blocked relay|553 you are trying to use me [mx.b.test] as a relay, but nobody has told me to let you
soft size|554 5.7.1 Rejected, class=big, size limit=15000000 size=18000000
full full|552 5.2.2 mailbox size limit exceeded
hard unknown|551 5.1.1 Recipient not exist
hard unknown|550 Requested action not taken: mailbox unavailable (in reply to RCPT TO command)
hard unknown|550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302)
hard unknown|550 5.4.1 Recipient address rejected: Access denied. AS(201806281)
hard unknown|550 permanent failure for one or more recipients (a@b.test:550 5.1.1 unknown)
hard unknown|553 5.3.0 <a@b.test>... Addressee unknown, relay=[192.0.2.1]
hard unknown|550 a@b.test is not a valid mailbox
hard unknown|5.1.0 - Unknown address error 550-'5.1.1 user unknown'
hard unknown|550 RP-002 (COL004-MC1F13) user unknown
hard unknown|Invalid final delivery userid: a@b.test
soft size|This mail message has exceeded the maximum incoming message size.
soft busy|450 4.1.1 <a@b.test>: Recipient address rejected: unverified address
hard disabled|550 5.2.1 The email account that you tried to reach is disabled.
hard disabled|554 5.7.1 The mailbox a@b.test has been deactivated
hard disabled|550 5.2.1 <a@b.test>... mailbox disabled for this recipient
hard disabled|550 Account has been suspended. Contact your administrator
hard disabled|550 5.7.1 This account has been disabled or discontinued
hard disabled|550 5.1.6 recipient no longer on server: a@b.test
hard domain|550 5.4.4 Unrouteable mail domain "b.test"
hard domain|Host or domain name not found. Name service error for name=b.test type=AAAA: Host not found
hard domain|550 Domain b.test does not exist
hard domain|5.4.310 DNS domain b.test does not exist [Message=InfoDomainNonexistent]
hard moved|551 User has moved; please try <new@b.test>
full full|552 5.2.2 Mailbox size limit exceeded
full full|452 4.2.2 The email account that you tried to reach is over quota
full full|554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException
full full|550 5.7.1 The recipient's mailbox is full
full full|Quota exceeded (mailbox for user is full)
full full|552 1 Requested mail action aborted, mailbox is full. Try again later
blocked spam|554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org
blocked spam|550 5.7.1 Message rejected as spam by Content Filtering.
blocked spam|554 5.7.1 : Sender address rejected: Access denied
blocked spam|550 SC-001 (COL0-MC4-F28) Unfortunately, messages from 192.0.2.1 weren't sent
soft spam|421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to user complaints
blocked spam|554 Message not allowed - [PH01] Email not accepted for policy reasons.
blocked spam|550 5.7.350 Remote server returned message detected as spam -> 554 5.7.1 rejected
blocked spam|521 5.2.1 : (HVU:B1) Your mail server's IP has a poor reputation
blocked spam|550 5.7.1 Our system has detected that this message is likely unsolicited mail.
blocked auth|550-5.7.26 This message does not pass authentication checks (SPF and DKIM both do not pass).
blocked auth|550 5.7.23 The message was rejected because of Sender Policy Framework violation
blocked auth|550 5.7.1 Unauthenticated email from shop.test is not accepted due to domain's DMARC policy.
blocked auth|550 5.7.25 The IP address sending this message does not have a PTR record setup
blocked relay|554 5.7.1 <a@b.test>: Relay access denied
blocked relay|550 5.7.64 TenantAttribution; Relay Access Denied [ValidationStatus of '' is EmptyCertificate]
blocked virus|552-5.7.0 This message was blocked because its content presents a potential security issue
blocked virus|554 5.6.1 Eicar-Test-Signature virus found
soft size|552 5.3.4 Message size exceeds fixed limit
soft size|550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient
soft loop|554 5.4.14 Hop count exceeded - possible mail loop ATTR34
soft loop|5.4.6 too many hops 26 (25 max)
soft unreachable|connect to mx.b.test[192.0.2.1]:25: Connection refused
soft unreachable|4.4.7 Message expired
soft unreachable|550 4.4.7 QUEUE.Expired; message expired
soft busy|451 4.7.1 Greylisting in action, please come back later
soft busy|452 4.3.1 Insufficient system resources
soft busy|450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered.
soft busy|451 4.3.0 Temporary lookup failure`
