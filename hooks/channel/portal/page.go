package portal

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/portal/form"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/rules"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
	"github.com/shohay/shohay/hooks/site"
)

// page is the template, which an owner may replace.
const page = "index.html"

// values are what the page knows of the shop in a language.
func (room *Room) values(app core.App, lang string) site.Values {
	shop, c, now := settings.Shop(app), room.Catalogue, room.now()
	loc := shop.Location()
	calendar := rules.Current(app)
	week, state := calendar.Week, calendar.At(now)
	closures := rules.Closures(c, lang, calendar, now)
	local := now.In(loc)

	v := site.ShopValues(shop, c, lang)
	reach := v["shop.address"] != "" || v["shop.website"] != ""
	maps.Copy(v, site.Values{
		"sentence": state.Sentence(c, lang, now, loc),
		"state":    "closed",
		"ways":     shop.WidgetEnabled() || v["shop.phone"] != "" || v["shop.email"] != "",
		"reach":    reach,
		"sign":     len(week) > 0 || len(closures) > 0,
		"closures": len(closures) > 0,
		"about":    len(week) > 0 || len(closures) > 0 || reach,
	})
	v["expectation"] = rules.Expectation(app, c, lang, schema.ChannelPortal, now)
	if state.Open {
		v["state"] = "open"
		v["expectation_beside"] = v["expectation"]
		if len(week) == 0 && state.Closes.IsZero() {
			// always open: the sentence would say nothing, so the expectation stands alone
			v["sentence"], v["expectation_beside"] = v["expectation"], ""
		}
	}
	var lines []site.Values
	sign := rules.Sign(c, lang, week, local.Weekday())
	for _, l := range sign {
		lines = append(lines, site.Values{"days": l.Days, "hours": l.Hours, "shut": l.Closed, "now": l.Today, "several": len(sign) > 1})
	}
	v["lines"] = lines
	var shut []site.Values
	for _, l := range closures {
		shut = append(shut, site.Values{"days": l.Days, "hours": l.Hours, "name": l.Name, "shut": l.Closed, "now": l.Today})
	}
	v["closure_lines"] = shut
	return v
}

// formValues put a form, empty or typed, on the page.
func (room *Room) formValues(app core.App, lang string, f question, summary string, faults []fault) site.Values {
	c, most := room.Catalogue, settings.Shop(app).AttachmentBytes()
	v := room.values(app, lang)
	v["form"] = f.stamp
	v["typed.name"], v["typed.contact"], v["typed.message"], v["typed.order"] = f.name, f.contact, f.message, f.order
	var about []site.Values
	for _, topic := range topics {
		about = append(about, site.Values{"id": topic, "name": c.T(lang, fmt.Sprintf("portal.topic_%s", topic)), "chosen": topic == f.topic})
	}
	v["topics"] = about
	v["max_files"], v["max_bytes"], v["max_message"], v["accept"] = form.MaxFiles, most, maxMessage, form.Accept
	v["files_hint"] = c.T(lang, "portal.files_hint", i18n.V{"n": form.MaxFiles, "size": c.Size(lang, most)})
	v["files_many"] = c.T(lang, "portal.error_files_many", i18n.V{"n": form.MaxFiles})
	v["files_big"] = c.T(lang, "portal.error_file_big", i18n.V{"name": "{name}", "size": c.Size(lang, most)})
	v["failed"] = summary != "" || len(faults) > 0
	v["summary"] = summary
	var list []site.Values
	for _, f := range faults {
		text := c.T(lang, f.Key, i18n.V(f.Values))
		list = append(list, site.Values{"field": f.Field, "text": text})
		if v["error_"+f.Field] == nil {
			v["error_"+f.Field] = text
		}
	}
	if f.Lost && v["failed"] == true && v["error_files"] == nil {
		v["error_files"] = c.T(lang, "portal.error_files_again")
	}
	v["fields"], v["faults"] = len(list) > 0, list
	return v
}

// sentValues put the thanks on the page. address is where the answer goes.
func (room *Room) sentValues(app core.App, lang string, number int64, mail, phone string) site.Values {
	v := room.values(app, lang)
	v["sent"] = true
	v["request"] = "/requests/" + strconv.FormatInt(number, 10) + "?lang=" + lang
	if shop, now := settings.Shop(app), room.now(); v["state"] == "closed" {
		if open, next := rules.Office(app, now); !open && !next.IsZero() {
			v["expectation"] = room.Catalogue.T(lang, "portal.sent_back", i18n.V{"when": rules.When(room.Catalogue, lang, next, now, shop.Location())})
		}
	}
	v["ways"] = false // the ways to reach us are beside it now
	v["reach"] = v["reach"] == true || v["shop.phone"] != "" || v["shop.email"] != ""
	v["about"] = v["about"] == true || v["reach"] == true
	v["number"] = room.Catalogue.Digits(lang, strconv.FormatInt(number, 10))
	switch {
	case mail != "":
		v["answer_mail"], v["address"] = true, masked(mail)
	case phone != "":
		v["answer_phone"], v["address"] = true, room.Catalogue.Digits(lang, maskedPhone(phone))
	}
	return v
}

// masked shows enough of an address to notice a typing mistake, and too
// little to learn it from somebody's browser history.
func masked(address string) string {
	local, domain, _ := strings.Cut(address, "@")
	r := []rune(local)
	if len(r) > 2 {
		return string(r[:2]) + strings.Repeat("•", min(6, len(r)-2)) + "@" + domain
	}
	return string(r[:1]) + "•@" + domain
}

func maskedPhone(phone string) string {
	if len(phone) < 7 {
		return phone
	}
	return phone[:3] + strings.Repeat("•", len(phone)-6) + phone[len(phone)-3:]
}
