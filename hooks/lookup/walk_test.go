package lookup_test

import (
	"slices"
	"testing"
)

// What is found is the same however many conversations fulfil a condition and
// wherever they stand in the list, and on all pages together it is everything
// once, in order.
func TestConditionsFindEveryConversationOnceAndInOrder(t *testing.T) {
	s := open(t)
	first := s.mail("a@mail.test", "", "Cup", "the cup is broken")
	contact := first.Conversation.GetString("contact")
	// Ten have the same time; the tag is rare and old; one in seven is open.
	_, err := s.DB().NewQuery(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)
		INSERT INTO conversations (id, number, contact, channel, status, assignee, tags, last_activity, last_incoming_seq, staff_seen_seq, spam, created, updated)
		SELECT printf('w%014d', (i * 7919) % 100003), 100000 + i, {:contact}, CASE i % 2 WHEN 0 THEN 'email' ELSE 'portal' END,
			CASE WHEN i % 7 = 0 THEN 'open' WHEN i % 333 = 0 THEN 'pending' ELSE 'solved' END,
			CASE i % 3 WHEN 0 THEN {:agent} ELSE '' END, CASE WHEN i > 3500 AND i % 50 = 0 THEN '["tagtagtagtagtag"]' ELSE '[]' END,
			printf('2026-01-%02d %02d:00:00.000Z', 28 - i / 200, (i / 10) % 20), CASE WHEN i % 500 = 0 THEN 2 ELSE 1 END, 1, i % 97 = 0, '2026-01-01 00:00:00.000Z', '2026-01-01 00:00:00.000Z' FROM n`).
		Bind(map[string]any{"contact": contact, "agent": s.agent.Id}).Execute()
	if err == nil {
		_, err = s.DB().NewQuery(`INSERT INTO tags (id, name, created, updated) VALUES ('tagtagtagtagtag', 'broken', '', '')`).Execute()
	}
	if err != nil {
		t.Fatal(err)
	}
	for query, where := range map[string]string{
		"is:solved":                       `status = 'solved'`,
		"is:open":                         `status = 'open'`,
		"is:pending":                      `status = 'pending'`,
		"is:snoozed":                      `FALSE`,
		"is:mine":                         `assignee != ''`,
		"assigned:nobody -is:solved":      `assignee = '' AND status != 'solved'`,
		"in:email is:solved":              `channel = 'email' AND status = 'solved'`,
		"tag:broken":                      `tags != '[]'`,
		"tag:broken is:mine is:open":      `tags != '[]' AND assignee != '' AND status = 'open'`,
		"-tag:broken":                     `tags = '[]'`,
		"is:unread":                       `last_incoming_seq > staff_seen_seq`,
		"is:unread is:open in:email":      `last_incoming_seq > staff_seen_seq AND status = 'open' AND channel = 'email'`,
		"from:a@mail.test is:unassigned ": `assignee = ''`,
	} {
		var want []string
		if err := s.DB().NewQuery(`SELECT id FROM conversations WHERE spam = FALSE AND id != {:first} AND ` + where + ` ORDER BY last_activity DESC, id DESC`).
			Bind(map[string]any{"first": first.Conversation.Id}).Column(&want); err != nil {
			t.Fatal(err)
		}
		var got []string
		for before, pages := "", 0; ; pages++ {
			a := s.find(query, "&before="+before)
			for _, r := range a.Rows {
				if r.Conversation.ID != first.Conversation.Id {
					got = append(got, r.Conversation.ID)
				}
			}
			if before = a.Next; before == "" {
				break
			}
			if pages > 500 {
				t.Fatalf("%s: no end of pages", query)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %d conversations instead of %d, or in another order", query, len(got), len(want))
		}
	}
}
