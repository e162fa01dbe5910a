package flow

import (
	"slices"
	"testing"
)

func both(s string) Words { return Words{"en": s, "bn": "ব " + s} }

func sample() *Flow {
	return &Flow{Steps: []Step{
		{ID: "open", Kind: If, When: &Condition{Office: "open"}, Then: "hello", Else: "night"},
		{ID: "night", Kind: Say, Text: both("We are asleep."), Next: "hello"},
		{ID: "hello", Kind: Say, Text: both("Hello"), Buttons: []Button{{both("Returns"), "returns"}, {both("My number"), "number"}, {both("A person"), "person"}}},
		{ID: "returns", Kind: Article, Article: "g1"},
		{ID: "number", Kind: Ask, Text: both("Which number?"), Save: SavePhone, Next: "mark"},
		{ID: "mark", Kind: Tag, Tag: "t1", Next: "person"},
		{ID: "person", Kind: HandOver, Text: both("Somebody comes."), Tag: "t2"},
	}}
}

func known() Known {
	yes := func(want ...string) func(string) bool { return func(s string) bool { return slices.Contains(want, s) } }
	return Known{Languages: []string{"en", "bn"}, Article: yes("g1"), Agent: yes("a1"), Tag: yes("t1", "t2"), Field: yes("size")}
}

func TestAFlowRunsUntilItWaits(t *testing.T) {
	f := sample()
	if faults := f.Check(known()); faults != nil {
		t.Fatal(faults)
	}
	out := f.Begin(Env{Language: "en", Open: true})
	if len(out.Says) != 1 || out.Says[0].Text != "Hello" || out.Waits != "hello" || !slices.Equal(out.Choices, []string{"Returns", "My number", "A person"}) {
		t.Errorf("%+v", out)
	}
	out = f.Begin(Env{Language: "bn"})
	if len(out.Says) != 2 || out.Says[0].Text != "ব We are asleep." || out.Choices[0] != "ব Returns" {
		t.Errorf("%+v", out)
	}
	out, ok := f.Answer("hello", " returns! ", Env{Language: "bn"}) // the words of another language, typed
	if !ok || len(out.Says) != 1 || out.Says[0].Article != "g1" || out.Waits != "" {
		t.Errorf("%+v %t", out, ok)
	}
	if _, ok = f.Answer("hello", "what about my parcel", Env{}); ok {
		t.Error("a question was taken for a button")
	}
	if out, ok = f.Answer("hello", "My number", Env{Language: "en"}); !ok || out.Waits != "number" {
		t.Errorf("%+v", out)
	}
	out, ok = f.Answer("number", " 01711  ", Env{Language: "en"})
	if !ok || !slices.Equal(out.Keep, []Kept{{SavePhone, "01711"}}) || !slices.Equal(out.Tags, []string{"t1", "t2"}) || out.Hand == nil || out.Hand.ID != "person" {
		t.Errorf("%+v", out)
	}
	if _, ok = f.Answer("gone", "x", Env{}); ok {
		t.Error("a step that is gone took an answer")
	}
}

func TestConditions(t *testing.T) {
	e := Env{Language: "bn", Open: true, Page: "https://Shop.example/Cart?x", Known: true}
	for _, c := range []struct {
		when Condition
		want bool
	}{
		{Condition{Language: "bn"}, true}, {Condition{Language: "en"}, false}, {Condition{Office: "open"}, true}, {Condition{Office: "closed"}, false},
		{Condition{Page: "/cart"}, true}, {Condition{Page: "/sale"}, false}, {Condition{Contact: "known"}, true}, {Condition{Contact: "unknown"}, false},
		{Condition{Language: "bn", Page: "/sale"}, false},
	} {
		if got := c.when.holds(e); got != c.want {
			t.Errorf("%+v: %t", c.when, got)
		}
	}
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	for name, c := range map[string]struct {
		change func(f *Flow)
		step   string
		key    string
	}{
		"no steps":                     {func(f *Flow) { f.Steps = nil }, "", "flow_empty"},
		"two of a name":                {func(f *Flow) { f.Steps[1].ID = "hello" }, "hello", "flow_twice"},
		"a name with blanks":           {func(f *Flow) { f.Steps[0].ID = "an id" }, "an id", "flow_id"},
		"a step that is not there":     {func(f *Flow) { f.Steps[1].Next = "moon" }, "night", "flow_nowhere"},
		"a button to nowhere":          {func(f *Flow) { f.Steps[2].Buttons[0].Next = "" }, "hello", "flow_dead_end"},
		"a question with nothing next": {func(f *Flow) { f.Steps[4].Next = "" }, "number", "flow_dead_end"},
		"half a condition":             {func(f *Flow) { f.Steps[0].Else = "" }, "open", "flow_dead_end"},
		"no condition":                 {func(f *Flow) { f.Steps[0].When = &Condition{} }, "open", "flow_condition"},
		"a text in one language":       {func(f *Flow) { delete(f.Steps[2].Text, "bn") }, "hello", "flow_text"},
		"a button in one language":     {func(f *Flow) { delete(f.Steps[2].Buttons[1].Text, "en") }, "hello", "flow_text"},
		"two buttons alike":            {func(f *Flow) { f.Steps[2].Buttons[1].Text = both("returns") }, "hello", "flow_button_twice"},
		"an article that is not there": {func(f *Flow) { f.Steps[3].Article = "g9" }, "returns", "flow_article"},
		"a tag that is not there":      {func(f *Flow) { f.Steps[5].Tag = "t9" }, "mark", "flow_tag"},
		"an agent that is not there":   {func(f *Flow) { f.Steps[6].Agent = "a9" }, "person", "flow_agent"},
		"a field that is not there":    {func(f *Flow) { f.Steps[4].Save = "field:shoe" }, "number", "flow_field"},
		"a kind that is not there":     {func(f *Flow) { f.Steps[3].Kind = "sing" }, "returns", "flow_kind"},
		"a step nothing leads to":      {func(f *Flow) { f.Steps[2].Buttons = f.Steps[2].Buttons[1:] }, "returns", "flow_unreached"},
		"a round without a word": {func(f *Flow) {
			f.Steps[3].Next = "again"
			f.Steps = append(f.Steps, Step{ID: "again", Kind: Say, Text: both("again"), Next: "returns"})
		}, "returns", "flow_round"},
	} {
		f := sample()
		c.change(f)
		faults := f.Check(known())
		if !slices.ContainsFunc(faults, func(x Fault) bool { return x.Key == c.key && x.Step == c.step }) {
			t.Errorf("%s: %+v", name, faults)
		}
	}
	f := sample()
	f.Steps[4].Save = "field:size"
	if faults := f.Check(known()); faults != nil {
		t.Error(faults)
	}
	f.Steps[6].Kind, f.Steps[6].Next = Say, "number" // a round in which the visitor speaks is none
	if faults := f.Check(known()); faults != nil {
		t.Error(faults)
	}
}

// A flow that was made before it was checked ends all the same.
func TestARoundEnds(t *testing.T) {
	f := &Flow{Steps: []Step{{ID: "a", Kind: Say, Text: both("a"), Next: "b"}, {ID: "b", Kind: Tag, Tag: "t1", Next: "a"}}}
	if out := f.Begin(Env{}); len(out.Says) > mostSteps {
		t.Error(len(out.Says))
	}
}
