package demo

import (
	"database/sql"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/rules"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// holdsDemo tells whether the folder holds the demo's shop and its story; the
// second may be missing after a start that was interrupted. A shop of somebody
// else's is an error.
func holdsDemo(app core.App) (shop, story bool, err error) {
	_, err = app.FindAuthRecordByEmail(schema.Agents, OwnerEmail)
	if err == nil {
		n, err := app.CountRecords(schema.Conversations)
		return true, n > 0, err
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return false, false, err
	}
	for _, collection := range []string{schema.Agents, schema.Conversations, schema.Contacts, schema.Mailboxes} {
		n, err := app.CountRecords(collection)
		if err != nil {
			return false, false, err
		}
		if n > 0 {
			return false, false, ErrRealShop
		}
	}
	return false, false, nil
}

// seedShop writes the shop and its staff, all or nothing.
func seedShop(app core.App, now time.Time) error {
	return app.RunInTransaction(func(tx core.App) error {
		shop, err := tx.FindRecordById(schema.Shop, settings.ShopID)
		if err != nil {
			return err
		}
		shop.Load(map[string]any{
			schema.ShopName: "রূপালী স্টোর", schema.ShopTagline: "Rupali Store · শাড়ি, পাঞ্জাবি ও গয়না · sarees, panjabis and jewellery",
			schema.ShopAddress: "বাড়ি ১২, সড়ক ৩, সেকশন ৬\nমিরপুর, ঢাকা ১২১৬", schema.ShopPhone: "01711-204437", schema.ShopEmail: ShopAddress,
			schema.ShopLanguages: []string{"bn", "en"}, schema.ShopLanguage: "bn", schema.ShopTimeZone: "Asia/Dhaka", schema.ShopReplyPromise: 10,
		})
		if err := tx.Save(shop); err != nil {
			return err
		}
		for _, seed := range []func(core.App) error{seedSetup, seedStaff, seedTags, seedViews, seedCanned} {
			if err := seed(tx); err != nil {
				return err
			}
		}
		return seedHours(tx, now.In(settings.Shop(tx).Location()))
	})
}

// seedSetup puts the set-up away: the demo is set up.
func seedSetup(app core.App) error {
	collection, err := app.FindCachedCollectionByNameOrId(schema.SetupSteps)
	if err != nil {
		return err
	}
	r := core.NewRecord(collection)
	r.Set(schema.StepName, schema.StepClosed)
	r.Set(schema.StepState, schema.StepDone)
	return app.Save(r)
}

// seedStaff makes the owner through the superuser of the same address, as the
// first steps of a real shop do.
func seedStaff(app core.App) error {
	superusers, err := app.FindCollectionByNameOrId(core.CollectionNameSuperusers)
	if err != nil {
		return err
	}
	super, err := app.FindAuthRecordByEmail(superusers, OwnerEmail)
	if errors.Is(err, sql.ErrNoRows) {
		super, err = core.NewRecord(superusers), nil
		super.SetEmail(OwnerEmail)
	}
	if err != nil {
		return err
	}
	super.SetPassword(Password)
	if err := app.Save(super); err != nil {
		return fmt.Errorf("the owner of the admin UI: %w", err)
	}
	agents, err := app.FindCollectionByNameOrId(schema.Agents)
	if err != nil {
		return err
	}
	for _, a := range []struct {
		email, name, role, signature string
		languages                    []string
	}{
		{OwnerEmail, "আয়েশা রহমান", schema.RoleOwner, "আয়েশা রহমান\nরূপালী স্টোর", []string{"bn", "en"}},
		{AgentEmail, "Rafi Hasan", schema.RoleAgent, "Rafi Hasan\nRupali Store", []string{"en", "bn"}},
	} {
		r, err := app.FindAuthRecordByEmail(schema.Agents, a.email)
		if errors.Is(err, sql.ErrNoRows) {
			r, err = core.NewRecord(agents), nil
			r.SetEmail(a.email)
			r.SetPassword(Password)
		}
		if err != nil {
			return err
		}
		r.SetVerified(true)
		r.Load(map[string]any{
			schema.AgentName: a.name, schema.AgentRole: a.role, schema.AgentSignature: a.signature,
			schema.AgentLanguages: a.languages, schema.AgentAvailability: schema.AvailabilityOnline,
		})
		if err := app.Save(r); err != nil {
			return fmt.Errorf("agent %s: %w", a.email, err)
		}
	}
	return nil
}

// Tags of the demo, by the name the story uses.
var tags = []struct{ key, name, colour string }{
	{"delivery", "ডেলিভারি", "#1e6fd9"},
	{"return", "ফেরত ও বদল", "#c2410c"},
	{"payment", "পেমেন্ট", "#7c3aed"},
	{"wholesale", "পাইকারি", "#0f766e"},
	{"urgent", "জরুরি", "#b42332"},
	{"regular", "নিয়মিত গ্রাহক", "#8f5a00"},
}

func seedTags(app core.App) error {
	for _, t := range tags {
		if err := create(app, schema.Tags, map[string]any{schema.TagName: t.name, schema.TagColour: t.colour}); err != nil {
			return err
		}
	}
	return nil
}

func seedCanned(app core.App) error {
	for _, c := range []struct{ title, shortcut, language, text string }{
		{"সালাম ও স্বাগত", "salam", "bn", "আসসালামু আলাইকুম {{contact.name}}, রূপালী স্টোরে লেখার জন্য ধন্যবাদ। আমি {{agent.name}}। বলুন, কীভাবে সাহায্য করতে পারি?"},
		{"ডেলিভারির সময় ও চার্জ", "delivery", "bn", "ঢাকার ভেতরে ১ থেকে ২ দিন, চার্জ ৭০ টাকা। ঢাকার বাইরে ৩ থেকে ৫ দিন, চার্জ ১৩০ টাকা। ৩,০০০ টাকার বেশি অর্ডারে ডেলিভারি ফ্রি।"},
		{"ফেরত ও বদল", "ferot", "bn", "পণ্য হাতে পাওয়ার ৭ দিনের মধ্যে বদল বা ফেরত দিতে পারবেন, ট্যাগ লাগানো থাকলেই হবে। পণ্যের একটি ছবি আর অর্ডার নম্বরটি পাঠিয়ে দিন।"},
		{"বিকাশে পেমেন্ট", "bkash", "bn", "আমাদের বিকাশ মার্চেন্ট নম্বর ০১৭১১-২০৪৪৩৭। পেমেন্ট করে ট্রানজেকশন আইডিটি এখানে দিন, সাথে সাথে মিলিয়ে দেব।"},
		{"Delivery time and charge", "delivery-en", "en", "Inside Dhaka it takes 1 to 2 days (70 taka), elsewhere 3 to 5 days (130 taka). Delivery is free for orders over 3,000 taka."},
		{"Returns and exchanges", "return-en", "en", "You can return or exchange within 7 days of receiving your parcel, as long as the tag is still on. Please send a photo and your order number, {{contact.name}}."},
		{"Wholesale", "wholesale-en", "en", "Wholesale prices start at 20 pieces of one design. Tell us the designs and quantities and we will send a price list the same day."},
		{"Thanks and goodbye", "thanks-en", "en", "Thank you, {{contact.name}}! If anything else comes up, just write here. Your number for this conversation is #{{number}}."},
	} {
		err := create(app, schema.CannedReplies, map[string]any{
			schema.CannedTitle: c.title, schema.CannedShortcut: c.shortcut, schema.CannedLanguage: c.language, schema.CannedText: c.text,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// seedHours opens the shop every day from nine to ten in the evening. Whoever
// tries the demo at night finds a shop that never closes, because a closed one
// shows less.
func seedHours(app core.App, now time.Time) error {
	opens, closes := "09:00", "22:00"
	var week []rules.Span
	for day := range 7 {
		s, err := rules.ParseSpan(strconv.Itoa(day), opens, closes)
		if err != nil {
			return err
		}
		week = append(week, s)
	}
	if s := rules.At(week, now.Location(), now); !s.Open || s.Closes.Sub(now) < time.Hour {
		opens, closes = "00:00", "24:00"
	}
	for _, s := range week {
		err := create(app, schema.OfficeHours, map[string]any{
			schema.HoursDay: strconv.Itoa(int(s.Day)), schema.HoursOpens: opens, schema.HoursCloses: closes,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func create(app core.App, collection string, values map[string]any) error {
	c, err := app.FindCachedCollectionByNameOrId(collection)
	if err != nil {
		return err
	}
	r := core.NewRecord(c)
	r.Load(values)
	if err := app.Save(r); err != nil {
		return fmt.Errorf("%s %v: %w", collection, values, err)
	}
	return nil
}

// saveMailbox points the shop's mailbox at the servers, whose ports may have
// changed since the last run.
func saveMailbox(app core.App, p *post) (*core.Record, error) {
	r, err := app.FindFirstRecordByData(schema.Mailboxes, schema.MailboxAddress, ShopAddress)
	if errors.Is(err, sql.ErrNoRows) {
		var c *core.Collection
		if c, err = app.FindCollectionByNameOrId(schema.Mailboxes); err == nil {
			r = core.NewRecord(c)
		}
	}
	if err != nil {
		return nil, err
	}
	imapHost, imapPort := split(p.imapAt)
	smtpHost, smtpPort := split(p.smtpAt)
	fresh := r.IsNew()
	want := map[string]any{
		schema.MailboxName: "রূপালী স্টোর", schema.MailboxAddress: ShopAddress, schema.MailboxActive: true, schema.MailboxLogin: ShopAddress,
		schema.MailboxIMAPHost: imapHost, schema.MailboxIMAPPort: imapPort, schema.MailboxIMAPSecurity: schema.SecurityNone,
		schema.MailboxSMTPHost: smtpHost, schema.MailboxSMTPPort: smtpPort, schema.MailboxSMTPSecurity: schema.SecurityNone,
	}
	if fresh {
		want[schema.MailboxFetchDays] = 30
		want[schema.MailboxPassword] = MailPassword
	}
	r.Load(want)
	return r, app.Save(r)
}

func split(addr net.Addr) (host string, port int) {
	a := addr.(*net.TCPAddr)
	return a.IP.String(), a.Port
}

// nameWebsite makes the storefront of this run the shop's website, so that the
// help page leads back to it. An address without a port is left alone.
func nameWebsite(app core.App, addr string) error {
	host, port, err := net.SplitHostPort(addr)
	if err != nil || port == "0" {
		return nil
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	shop, err := app.FindRecordById(schema.Shop, settings.ShopID)
	if err != nil {
		return err
	}
	base := "http://" + net.JoinHostPort(host, port)
	site := base + "/demo/"
	if s := app.Settings(); s.Meta.AppURL != base { // links in the demo's mails lead here
		s.Meta.AppURL = base
		if err := app.Save(s); err != nil {
			return err
		}
	}
	if shop.GetString(schema.ShopWebsite) == site {
		return nil
	}
	shop.Set(schema.ShopWebsite, site)
	return app.Save(shop)
}
