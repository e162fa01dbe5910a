package automation

import (
	"strings"
	"testing"
	"time"
)

func TestConditions(t *testing.T) {
	f := Fact{
		Channel: "email", Mailbox: "box1", Status: "open", Language: "bn", Priority: 1, Tags: []string{"t1", "t2"}, ContactTags: []string{"vip"},
		Subject: "আমার টাকা", Text: "ভাই আমার টাকাটা ফেরত দেন ২৫০০ taka", Domains: []string{"mail.shop.example"}, Open: true, Waiting: 31 * time.Minute, Messages: 4, Changed: "status", Due: "soon",
	}
	for _, tc := range []struct {
		field, op, values string // values by |
		want              bool
	}{
		{"channel", "is", "email", true}, {"channel", "is", "chat|email", true}, {"channel", "is", "chat", false}, {"channel", "is_not", "chat", true}, {"channel", "is_not", "chat|email", false},
		{"mailbox", "is", "box1", true}, {"mailbox", "is", "", false}, {"status", "is", "open", true}, {"assignee", "is", "", true}, {"assignee", "is_not", "", false},
		{"priority", "is", "1|2", true}, {"priority", "is", "0", false}, {"language", "is", "bn", true},
		{"tags", "has", "t9|t2", true}, {"tags", "has", "t9", false}, {"tags", "has_not", "t9", true}, {"tags", "has_not", "t1", false}, {"contact_tags", "has", "vip", true},
		{"text", "contains", "ফেরত", true}, {"text", "contains", "ফে\u200cরত", true}, {"text", "contains", "refund", false}, {"text", "contains", "refund|ফেরত", true},
		{"text", "contains", "2500 TAKA", true}, {"text", "contains", "আমার  টাকা", true}, {"text", "contains_not", "refund", true}, {"text", "contains_not", "ফেরত", false},
		{"subject", "contains", "টাকা", true}, {"subject", "contains", "ফেরত", false},
		{"email_domain", "has", "shop.example", true}, {"email_domain", "has", "@mail.shop.example", true}, {"email_domain", "has", "op.example", false}, {"email_domain", "has_not", "other.example", true},
		{"blocked", "is", "no", true}, {"blocked", "is", "yes", false}, {"open", "is", "yes", true}, {"files", "is", "yes", false},
		{"waiting", "at_least", "31", true}, {"waiting", "at_least", "32", false}, {"waiting", "at_most", "31", true}, {"messages", "at_least", "5", false}, {"rating", "at_most", "2", true},
		{"changed", "is", "status|assigned", true}, {"due", "is", "over", false}, {"due", "is", "soon|over", true},
		{"nothing", "is", "x", false}, {"waiting", "at_least", "x", false},
	} {
		c := Condition{tc.field, tc.op, strings.Split(tc.values, "|")}
		if got, why := Check([]Condition{c}, false, f); got != tc.want {
			t.Errorf("%v is %v: %+v", c, got, why)
		}
	}
}

// A letter with its dot apart and in one piece is one letter.
func TestBanglaIsComparedByWhatItSays(t *testing.T) {
	for _, pair := range [][2]string{
		{"দিয়ে", "দিয\u09bcে"}, {"বাড়ি", "বাড\u09bcি"}, {"টাকা ২৫", "টাকা 25"}, {"ফে\u200dরত", "ফেরত"}, {"মো", "ম\u09c7\u09be"}, {"  Taka\u00a0 Ferot ", "taka ferot"},
	} {
		if Plain(pair[0]) != Plain(pair[1]) {
			t.Errorf("%q and %q are not the same: %q, %q", pair[0], pair[1], Plain(pair[0]), Plain(pair[1]))
		}
	}
	if Plain("ডাল") == Plain("ড়াল") {
		t.Error("two letters became one")
	}
}

func TestAllAndAny(t *testing.T) {
	yes, no := Condition{"status", "is", []string{"open"}}, Condition{"status", "is", []string{"solved"}}
	f := Fact{Status: "open"}
	for _, tc := range []struct {
		list     []Condition
		all, any bool
	}{{nil, true, true}, {[]Condition{yes}, true, true}, {[]Condition{no}, false, false}, {[]Condition{yes, no}, false, true}, {[]Condition{yes, yes}, true, true}} {
		all, why := Check(tc.list, false, f)
		if any, _ := Check(tc.list, true, f); all != tc.all || any != tc.any {
			t.Errorf("%v: all %v, any %v", tc.list, all, any)
		}
		if len(why) != len(tc.list) {
			t.Errorf("%v explains %d", tc.list, len(why))
		}
		for i, w := range why {
			if w.Found[0] != "open" || w.Holds != (tc.list[i].Values[0] == "open") {
				t.Errorf("%+v", w)
			}
		}
	}
}

func TestWhatWouldBeDone(t *testing.T) {
	f := Fact{Status: "pending", Assignee: "a1", Tags: []string{"t1"}, Priority: 1}
	skips := func(steps []Step) (s []string) {
		for _, x := range steps {
			s = append(s, x.Skip)
		}
		return s
	}
	for name, tc := range map[string]struct {
		actions []Action
		f       Fact
		a       Allowance
		want    []string
	}{
		"what is so already":           {[]Action{{Do: "assign", Value: "a1"}, {Do: "status", Value: "pending"}, {Do: "priority", Value: "1"}, {Do: "add_tag", Value: "t1"}, {Do: "remove_tag", Value: "t2"}}, f, Allowance{}, []string{skipSame, skipSame, skipSame, skipSame, skipSame}},
		"what is not":                  {[]Action{{Do: "assign", Value: ""}, {Do: "status", Value: "solved"}, {Do: "priority", Value: "2"}, {Do: "add_tag", Value: "t2"}, {Do: "remove_tag", Value: "t1"}}, f, Allowance{}, []string{"", "", "", "", ""}},
		"each as the last one left it": {[]Action{{Do: "status", Value: "solved"}, {Do: "status", Value: "solved"}, {Do: "add_tag", Value: "t3"}, {Do: "remove_tag", Value: "t3"}}, f, Allowance{}, []string{"", skipSame, "", ""}},
		"enough messages":              {[]Action{{Do: "message", Text: "x"}, {Do: "message", Text: "y"}}, f, Allowance{SentToday: messagesADay - 1}, []string{"", skipLimit}},
		"a blocked customer":           {[]Action{{Do: "message", Text: "x"}, {Do: "note", Text: "y"}}, Fact{Blocked: true}, Allowance{}, []string{skipBlocked, ""}},
		"mail that may not go":         {[]Action{{Do: "message", Text: "x"}, {Do: "status", Value: "solved"}}, f, Allowance{May: skipMail}, []string{skipMail, ""}},
		"in turn, whoever has it":      {[]Action{{Do: "assign", Value: "round_robin"}}, f, Allowance{}, []string{""}},
	} {
		if got := skips(Plan(tc.actions, tc.f, tc.a)); strings.Join(got, ",") != strings.Join(tc.want, ",") {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
	if len(f.Tags) != 1 || f.Tags[0] != "t1" {
		t.Error("planning changed the fact")
	}
}

func TestWhatCannotBe(t *testing.T) {
	exists := func(_, id string) bool { return id == "here" }
	for key, list := range map[string][]Condition{
		"error.rule_field":  {{"nothing", "is", []string{"x"}}},
		"error.rule_op":     {{"channel", "contains", []string{"chat"}}, {"waiting", "is", []string{"5"}}},
		"error.rule_values": {{"channel", "is", nil}, {"channel", "is", []string{"fax"}}, {"text", "contains", []string{" "}}, {"open", "is", []string{"maybe"}}},
		"error.rule_number": {{"waiting", "at_least", []string{"x"}}, {"waiting", "at_least", []string{"1", "2"}}, {"messages", "at_most", []string{"-1"}}},
		"error.rule_gone":   {{"tags", "has", []string{"gone"}}, {"assignee", "is", []string{"gone"}}, {"tags", "has", []string{""}}},
		"":                  {{"tags", "has", []string{"here"}}, {"assignee", "is", []string{""}}, {"waiting", "at_least", []string{"5"}}},
	} {
		for _, c := range list {
			if got := c.problem(exists); got != key {
				t.Errorf("%v: %q, want %q", c, got, key)
			}
		}
	}
	for key, list := range map[string][]Action{
		"error.rule_action": {{Do: "webhook", Value: "https://x"}, {}},
		"error.rule_values": {{Do: "status", Value: "snoozed"}, {Do: "priority", Value: "9"}},
		"error.rule_number": {{Do: "snooze", Value: "0"}, {Do: "snooze", Value: "soon"}},
		"error.rule_gone":   {{Do: "assign", Value: "gone"}, {Do: "add_tag", Value: "gone"}, {Do: "message", Value: "gone"}, {Do: "mail", Value: "boss@x", Text: "x"}},
		"error.rule_empty":  {{Do: "message"}, {Do: "note", Text: " "}, {Do: "notify", Value: "all"}},
		"":                  {{Do: "assign", Value: "least_load"}, {Do: "add_tag", Text: "refund"}, {Do: "message", Texts: map[string]string{"bn": "x"}}, {Do: "mail", Value: "owners", Text: "x"}},
	} {
		for _, a := range list {
			if got := a.problem(exists); got != key {
				t.Errorf("%+v: %q, want %q", a, got, key)
			}
		}
	}
}
